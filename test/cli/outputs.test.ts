// SPDX-License-Identifier: MIT
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliBundle } from '../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';

let helper: HelperProcess;
beforeAll(async () => {
  helper = await startHelper();
});
afterAll(async () => {
  await helper.stop();
});

/** Runs a command whose stdout, and with `both` its stderr, is a file. */
async function into(
  file: string,
  args: readonly string[],
  both = false,
): Promise<{ exitCode: number | null; stderr: string }> {
  const descriptor = openSync(file, 'a');
  const child = spawn(process.execPath, [cliBundle, ...args], {
    env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory },
    stdio: ['ignore', descriptor, both ? descriptor : 'pipe'],
  });
  closeSync(descriptor);
  const stderr = child.stderr ? text(child.stderr) : '';
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stderr: await stderr };
}

const printing = [
  ['list'],
  ['list', '--format', 'json'],
  ['list', '--format', 'csv'],
  ['images'],
  ['images', 'list', '--format', 'yaml'],
  ['images', 'remotes'],
  ['images', 'settings'],
  ['activity'],
  ['doctor'],
  ['version'],
  ['--version'],
  ['--help'],
  ['help', 'launch'],
  ['exec', '--help'],
];

test.each(printing.map((args) => [args]))('what %j cannot print is an error, in one sentence', async (args) => {
  const { exitCode, stderr } = await into('/dev/full', args);
  expect(stderr).toBe('berth: Cannot write the output: no space left on device.\n');
  expect(exitCode).toBe(1);
});

test('a disk that takes a part only is no success either', async () => {
  const place = await mkdtemp(path.join(os.tmpdir(), 'berth-full-'));
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'berth-test', place]).status).toBe(0);
  try {
    await writeFile(path.join(place, 'out'), 'x'.repeat(4000));
    expect(await into(path.join(place, 'out'), ['images', 'list', '--format', 'json'])).toEqual({
      exitCode: 1,
      stderr: 'berth: Cannot write the output: no space left on device.\n',
    });
    expect((await readFile(path.join(place, 'out'))).length).toBe(4096);
  } finally {
    spawnSync('umount', [place]);
    await rm(place, { recursive: true });
  }
});

test('without a place for the sentence the exit code tells; a message that is lost costs it too', async () => {
  expect(await into('/dev/full', ['list'], true)).toMatchObject({ exitCode: 1 });
  const lost = spawn(process.execPath, [cliBundle, 'stop', '--all'], {
    env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory },
    stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
  });
  expect(await once(lost, 'exit')).toEqual([1, null]);
});

test('a reader that has gone ends it quietly', async () => {
  const child = spawn(process.execPath, [cliBundle, 'images', 'list', '--format', 'json'], {
    env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const stderr = text(child.stderr);
  expect(await once(child, 'exit')).toEqual([141, null]);
  expect(await stderr).toBe('');
});

test('words that are wrong stay code 2, help is code 0', async () => {
  const place = await mkdtemp(path.join(os.tmpdir(), 'berth-out-'));
  try {
    expect((await into(path.join(place, 'a'), ['lst'])).exitCode).toBe(2);
    expect((await into(path.join(place, 'b'), ['--help'])).exitCode).toBe(0);
    expect(await readFile(path.join(place, 'b'), 'utf8')).toMatch(/^Usage: berth/);
  } finally {
    await rm(place, { recursive: true });
  }
});
