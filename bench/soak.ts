// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { mountAddParams } from '#contract/mounts.ts';
import { instanceName, type InstanceName, type StreamToken } from '#contract/names.ts';
import type { HelperConnection } from '../client/helper-connection.ts';
import { BenchHelper, benchMachine } from './lib/bench-helper.ts';
import { figure, type Benchmark, type Figure } from './lib/result.ts';

const launches = 300;
/** A look at the helper after so many; the first is after it has everything loaded. */
const lookEvery = 50;
/** So many are called off between two that live to their end. */
const wholeEvery = 10;

interface Look {
  readonly descriptors: number;
  readonly threads: number;
  readonly residentMiB: number;
  readonly files: number;
}

/**
 * What a helper keeps of machines that have been: 300 launches, of which most are called off once their machine runs.
 */
export const soak: Benchmark = {
  name: 'soak',
  run: async (signal) => {
    await using helper = await BenchHelper.start();
    const folder = path.join(helper.directory, 'folder'); // goes with the helper's
    await mkdir(folder);
    const looks: Look[] = [];
    for (let number = 1; number <= launches; number += 1) {
      const name = instanceName.parse(`soak-${number}`);
      if (number % wholeEvery === 0) await wholeLife(helper, name, { folder, signal });
      else await calledOff(helper, name, signal);
      if (number % lookEvery === 0) looks.push(await look(helper));
    }
    const [first, last] = [looks[0], looks.at(-1)];
    if (!first || !last) throw new Error('nothing was looked at');
    const all = (what: string, unit: string, of: (each: Look) => number): Figure =>
      figure(what, unit, looks.map(of), {
        ratio: of(last) / of(first),
        target: 'ratio about 1',
        note: `${launches} launches, a sample after each ${lookEvery}; the ratio is last to first`,
      });
    return [
      all('descriptors', '', (each) => each.descriptors),
      all('threads', '', (each) => each.threads),
      all('memory', 'MiB', (each) => each.residentMiB),
      all('files in state and run directory', '', (each) => each.files),
    ];
  },
};

/** A guest that is waited for, has a folder and says something; then stopped, deleted and purged. */
async function wholeLife(
  helper: BenchHelper,
  name: InstanceName,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<void> {
  await helper.launch(name, signal);
  const { connection } = helper;
  await connection.request('mounts.add', mountAddParams.parse({ name, source: folder, target: 'folder' }));
  const { stdio, stderr } = await connection.request('exec.open', { name, command: ['seq', '100000'] });
  await Promise.all([stdio, stderr].map(async (token) => await read(connection, token)));
  await read(connection, (await connection.request('console.open', { name, fromOffset: 0 })).token, {
    isEndless: true,
  });
  await helper.remove(name);
}

async function calledOff({ connection }: BenchHelper, name: InstanceName, signal: AbortSignal): Promise<void> {
  const { operationId } = await connection.request('instances.launch', {
    ...benchMachine,
    memoryBytes: 256 * 1024 ** 2,
    name,
  });
  while ((await connection.request('instances.info', { name }).catch(() => undefined))?.pid === undefined)
    await delay(50, undefined, { signal }); // not made yet
  await read(connection, (await connection.request('console.open', { name, fromOffset: 0 })).token, {
    isEndless: true,
  });
  await connection.request('operations.cancel', { id: operationId });
  await connection.request('operations.wait', { id: operationId }, { signal });
}

/** To its end, or, where it has none, its first piece. */
async function read(connection: HelperConnection, token: StreamToken, { isEndless = false } = {}): Promise<void> {
  const stream = await connection.openStream(token);
  if (!isEndless) stream.end(); // nothing is typed, and a half that stays open keeps the other
  const over = once(stream, isEndless ? 'data' : 'end');
  stream.resume();
  await over;
  stream.destroy();
}

async function look(helper: BenchHelper): Promise<Look> {
  const status = await readFile(`/proc/${helper.pid}/status`, 'utf8');
  const files = await Promise.all(
    [helper.stateDirectory, helper.runDirectory].map(
      async (directory) => (await readdir(directory, { recursive: true })).length,
    ),
  );
  return {
    descriptors: (await readdir(`/proc/${helper.pid}/fd`)).length,
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
    residentMiB: (await helper.residentBytes()) / 1024 ** 2,
    files: files.reduce((sum, count) => sum + count, 0),
  };
}
