// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { HelperCallError } from '../../../client/helper-call-error.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const clients = 8;
const calls = 500;
const names = ['ant', 'bee', 'cat'].map((name) => instanceName.parse(name));
const seed = Number(process.env.BERTH_RANDOM_SEED ?? Date.now() % 1_000_000);

let helper: HelperProcess;

beforeAll(async () => {
  helper = await startHelper();
});
afterAll(async () => {
  await helper?.stop();
});

test(`${calls} random calls of ${clients} clients leave what the records explain (seed ${seed})`, async () => {
  const connections = await Promise.all(Array.from({ length: clients }, () => helper.connect()));
  const observer = new InstanceClient(await helper.connect());
  for (const name of names) expectSuccess(await observer.launch(name));

  const random = generator(seed);
  const unexpected: unknown[] = [];
  await Promise.all(
    connections.map(async (connection) => {
      for (let call = 0; call < calls / clients; call += 1) {
        await callAtRandom(connection, random).catch((error: unknown) => {
          if (!(error instanceof HelperCallError && isRefusal(error.data.code))) unexpected.push(error);
        });
      }
    }),
  );
  expect(unexpected).toEqual([]);
  for (const operation of await observer.connection.request('operations.list', {})) await observer.wait(operation.id);
  await settled(observer);

  const instances = await observer.connection.request('instances.list', {});
  const running = instances.filter(({ state }) => state === 'running');
  expect(
    instances.every(({ state }) => ['running', 'stopped', 'deleted'].includes(state)),
    JSON.stringify(instances),
  ).toBe(true);
  for (const { name, state, deletedAt } of instances) {
    const record = JSON.parse(
      await readFile(path.join(helper.stateDirectory, 'instances', name, 'instance.json'), 'utf8'),
    ) as { machine?: unknown; deletedAt?: string };
    expect(record.machine !== undefined, name).toBe(state === 'running');
    expect(record.deletedAt, name).toBe(deletedAt);
  }
  const traces = await hostTraces(helper);
  expect(traces.instanceDirectories).toEqual(instances.map(({ name }) => name));
  expect(traces.machines).toHaveLength(running.length);
  expect(traces.taps).toHaveLength(running.length);
  expect(traces.machineDirectories).toHaveLength(running.length);
  expect(traces).toMatchObject({ journal: [], work: [], bridges: running.length > 0 ? ['mpqemubr0'] : [] });
  for (const connection of connections) connection.close();
}, 600_000);

async function callAtRandom(connection: HelperConnection, random: (below: number) => number): Promise<void> {
  const name = names[random(names.length)] ?? names[0]!;
  switch (random(9)) {
    case 0:
    case 1:
      await connection.request('instances.start', { name });
      break;
    case 2:
      await connection.request('instances.stop', { name, force: true });
      break;
    case 3:
      await connection.request('instances.stop', { name, timeoutSeconds: 5 });
      break;
    case 4:
      await connection.request('instances.delete', { name });
      break;
    case 5:
      await connection.request('instances.recover', { name });
      break;
    case 6:
      await connection.request('instances.restart', { name, force: true });
      break;
    case 7:
      await connection.request('instances.info', { name });
      break;
    default: {
      const running = (await connection.request('operations.list', {})).filter(({ state }) => state === 'running');
      const operation = running[random(Math.max(running.length, 1))];
      if (operation) await connection.request('operations.cancel', { id: operation.id });
    }
  }
}

/** What a client may be told instead of having its way; anything else is a fault. */
function isRefusal(code: string): boolean {
  return ['operation.conflict', 'instance.wrong-state', 'operation.past-return', 'operation.not-found'].includes(code);
}

/** Resolves when no instance has an operation under way. */
async function settled(observer: InstanceClient): Promise<void> {
  for (;;) {
    const busy = (await observer.connection.request('instances.list', {})).find(
      ({ operation }) => operation !== undefined,
    );
    if (!busy?.operation) return;
    await observer.wait(busy.operation.id);
  }
}

/** Mulberry32: small, and the same numbers for the same seed. */
function generator(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
