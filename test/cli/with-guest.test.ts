// SPDX-License-Identifier: MIT
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { instanceDetails } from '#contract/instances.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { BerthTerminal } from './berth-terminal.ts';
import { runBerth, startBerth } from './run-berth.ts';

let helper: HelperProcess;
const guestTimeMs = 240_000;

beforeAll(async () => {
  helper = await startHelper();
  const launched = await runBerth(helper.runDirectory, ['launch', 'tiny', '--without-apparmor', '--name', 'web', '--memory', '384M', '--verbose']);
  expect(launched.stderr).toMatch(/^launch web: sshd/m);
  expect(launched).toMatchObject({ exitCode: 0 });
  expect(launched.stdout.toString()).toBe('web\n');
}, guestTimeMs);

afterAll(async () => {
  await helper.stop();
}, guestTimeMs);

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const state = async (name: string): Promise<string | undefined> => z.array(instanceDetails).parse(JSON.parse((await berth('info', name, '--format', 'json')).stdout.toString()))[0]?.state;

describe('exec', () => {
  test("returns the command's exit code, and 128 + its signal", async () => {
    expect((await berth('exec', 'web', '--', 'sh', '-c', 'exit 7')).exitCode).toBe(7);
    expect((await berth('exec', 'web', '--', 'sh', '-c', 'kill -TERM $$')).exitCode).toBe(143);
    expect((await berth('exec', 'web', '--', 'no-such-command')).exitCode).toBe(127);
  });

  test('keeps stdout and stderr apart and passes words on as they are', async () => {
    const result = await berth('exec', 'web', '--', 'sh', '-c', 'printf "%s|" "$@"; echo wrong >&2', 'x', 'a b', '$HOME', "it's", '', '-v');
    expect(result.stdout.toString()).toBe("a b|$HOME|it's||-v|");
    expect(result.stderr).toBe('wrong\n');
    expect(result.exitCode).toBe(0);
  });

  test('runs where it is told to', async () => {
    expect((await berth('exec', 'web', '-w', '/etc', '--', 'pwd')).stdout.toString()).toBe('/etc\n');
  });

  test('10 MB of any bytes go in and come out the same', async () => {
    const bytes = randomBytes(10 * 1024 * 1024);
    const result = await runBerth(helper.runDirectory, ['exec', 'web', '--', 'cat'], { input: bytes });
    expect(result.exitCode).toBe(0);
    expect(sha256(result.stdout)).toBe(sha256(bytes));
  }, guestTimeMs);

  test('the end of stdin reaches the command while its output goes on', async () => {
    const result = await runBerth(helper.runDirectory, ['exec', 'web', '--', 'sh', '-c', 'wc -c; echo after'], { input: 'x'.repeat(1000) });
    expect(result.stdout.toString()).toMatch(/^\s*1000\nafter\n$/);
  });

  test('a command that leaves its input unread ends, and its output is whole', async () => {
    const input = Buffer.alloc(4 * 1024 * 1024, 'abcde');
    expect((await runBerth(helper.runDirectory, ['exec', 'web', '--', 'sh', '-c', 'head -c 5; seq 20000'], { input })).stdout.toString()).toMatch(/^abcde1\n[\s\S]*\n20000\n$/);
    expect((await runBerth(helper.runDirectory, ['exec', 'web', '--', 'true'], { input: Buffer.alloc(4 * 1024 * 1024) })).exitCode).toBe(0);
  });

  test('a reader that goes away ends it with 141', async () => {
    const child = startBerth(helper.runDirectory, ['exec', 'web', '--', 'yes']);
    child.stdin.end();
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    child.stdout.destroy();
    expect(await exited).toEqual([141, null]);
  });
});

test('shell follows the size of its terminal and ends with its exit code', async () => {
  using terminal = new BerthTerminal(helper.runDirectory, ['shell', 'web']);
  terminal.type('stty size\r');
  const first = await terminal.until(/30 90/);
  terminal.resize(100, 40);
  terminal.type('until stty size | grep -q "40 100"; do :; done; echo seen-$((40 + 2))\r');
  const second = await terminal.until(/seen-42/, first);
  terminal.type('sh -c \'trap "exit 5" INT; echo ready-$((2 + 1)); while :; do sleep 1; done\'; echo code-$?\r');
  const third = await terminal.until(/ready-3/, second);
  terminal.type('\u0003');
  await terminal.until(/code-5/, third);
  terminal.type('exit 9\r');
  expect(await terminal.exited).toBe(9);
});

test('console shows the boot from its start, takes a login, and leaves by Ctrl-]', async () => {
  using terminal = new BerthTerminal(helper.runDirectory, ['console', 'web']);
  const history = await terminal.until(/Linux version[\s\S]*login:/);
  terminal.type('\r');
  await terminal.until(/login:/, history);
  terminal.type('\u001d');
  expect(await terminal.exited).toBe(0);
  expect(terminal.output).toContain('Ctrl-] leaves');
});

test('console --no-follow prints the record and returns', async () => {
  const result = await berth('console', 'web', '--no-follow');
  expect(result.exitCode).toBe(0);
  expect(result.stdout.toString('latin1')).toContain('Linux version');
});

test('info tells phases, address and process in the contract\'s shape', async () => {
  const [details] = z.array(instanceDetails).parse(JSON.parse((await berth('info', 'web', '--format', 'json')).stdout.toString()));
  expect(details).toMatchObject({ name: 'web', state: 'running', pid: expect.any(Number) });
  expect(details?.boots?.at(-1)?.phases.find((phase) => phase.phase === 'sshd')).toMatchObject({ state: 'done' });
  const table = (await berth('info', 'web')).stdout.toString();
  expect(table).toMatch(/^State: +running$/m);
  const row = (await berth('list', '--format', 'csv')).stdout.toString().split('\r\n')[1];
  expect(row).toMatch(new RegExp(`^web,running,\\d+,true,[Tt]iny,${details?.addresses?.[0]},`));
});

test('a name is taken once', async () => {
  const result = await berth('launch', 'tiny', '--without-apparmor', '--name', 'web');
  expect(result.exitCode).toBe(5);
  expect(result.stderr).toContain('[instance.exists]');
});

test('SIGINT without a terminal cancels a launch, and nothing is left of it', async () => {
  const child = startBerth(helper.runDirectory, ['launch', 'tiny', '--without-apparmor', '--name', 'gone', '--memory', '256M', '--verbose']);
  child.stdin.end();
  let told = '';
  let isSignalled = false;
  for await (const chunk of child.stderr) {
    told += String(chunk);
    if (isSignalled || !/^launch gone: (firmware|kernel)/m.test(told)) continue;
    isSignalled = child.kill('SIGINT');
  }
  const exitCode = child.exitCode ?? (await once(child, 'exit') as [number])[0];
  expect(told).toContain('[operation.cancelled]');
  expect(exitCode).toBe(130);
  expect((await berth('info', 'gone')).exitCode).toBe(4);
}, guestTimeMs);

test('stop, delete, recover, start, purge', async () => {
  expect(await berth('stop', 'web')).toMatchObject({ exitCode: 0 });
  expect(await state('web')).toBe('stopped');
  expect((await berth('exec', 'web', '--', 'true')).exitCode).toBe(255);
  expect(await berth('delete', 'web')).toMatchObject({ exitCode: 0 });
  expect((await berth('list', '--format', 'json')).stdout.toString()).toBe('[]\n');
  expect((await berth('list', '--all')).stdout.toString()).toMatch(/^web +deleted/m);
  expect(await berth('recover', 'web')).toMatchObject({ exitCode: 0 });
  expect(await berth('start', 'web')).toMatchObject({ exitCode: 0 });
  expect(await state('web')).toBe('running');
  const purged = await berth('purge', 'web');
  expect(purged.exitCode).toBe(5);
  expect(purged.stderr).toContain('[instance.wrong-state]');
  expect(await berth('stop', '--force', 'web')).toMatchObject({ exitCode: 0 });
  expect(await berth('delete', '--purge', 'web')).toMatchObject({ exitCode: 0 });
  expect((await berth('info', 'web')).exitCode).toBe(4);
}, guestTimeMs);

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
