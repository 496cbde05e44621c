// SPDX-License-Identifier: MIT
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cliBundle } from '../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { BerthTerminal } from './berth-terminal.ts';
import { runBerth, startBerth } from './run-berth.ts';

let helper: HelperProcess;
const guestTimeMs = 700_000;
const soon = { timeout: 30_000, interval: 200 };

beforeAll(async () => {
  helper = await startHelper();
  expect(
    await runBerth(helper.runDirectory, ['launch', 'tiny', '--without-apparmor', '--name', 'web', '--memory', '384M']),
  ).toMatchObject({ exitCode: 0 });
}, guestTimeMs);
afterAll(async () => await helper.stop(), guestTimeMs);

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
/** The guest's processes of that command line, the question's own left out. */
const running = async (line: string): Promise<string> =>
  (
    await berth(
      'exec',
      '-n',
      'web',
      '--',
      'sh',
      '-c',
      `ps -o pid,args | grep '${line.replace(/^./, '[$&]')}' | grep -v grep`,
    )
  ).stdout.toString();
const isGone = async (line: string): Promise<void> =>
  await vi.waitFor(async () => expect(await running(line)).toBe(''), soon);

/** Starts a command that says when it runs. */
async function begin(...words: string[]): Promise<ReturnType<typeof startBerth>> {
  const child = startBerth(helper.runDirectory, ['exec', 'web', '--', ...words]);
  await once(child.stdout, 'data');
  return child;
}

describe('a command ends with its client', () => {
  test.each([
    ['killed', 'SIGKILL', 'echo ready; exec sleep 3101'],
    ['killed with a command below it', 'SIGKILL', 'echo ready; sleep 3101; echo never'],
    ['killed with one in the background', 'SIGKILL', 'sleep 3101 & echo ready; wait'],
    ['whose terminal went away', 'SIGHUP', 'echo ready; exec sleep 3101'],
    ['killed, the command root', 'SIGKILL', 'echo ready; exec sudo sleep 3101'],
    ['killed, the command stopped', 'SIGKILL', 'echo ready; kill -STOP $$'],
    ['killed, the command deaf', 'SIGKILL', 'trap "" HUP INT TERM; echo ready; while :; do sleep 3101; done'],
  ] as const)(
    '%s',
    async (_, signal, line) => {
      const child = await begin('sh', '-c', line, 'sleep 3101');
      await vi.waitFor(async () => expect(await running('sleep 3101')).not.toBe(''), soon);
      child.kill(signal);
      await once(child, 'exit');
      await isGone('sleep 3101');
    },
    guestTimeMs,
  );

  test('on a terminal that is closed', async () => {
    using terminal = new BerthTerminal(helper.runDirectory, [
      'exec',
      'web',
      '--',
      'sh',
      '-c',
      'echo ready; sleep 3102',
    ]);
    await terminal.until(/ready/);
    terminal[Symbol.dispose]();
    await isGone('sleep 3102');
  });

  test('and no other does', async () => {
    const other = await begin('sh', '-c', 'echo ready; exec sleep 3103');
    const child = await begin('sh', '-c', 'echo ready; exec sleep 3104');
    child.kill('SIGKILL');
    await isGone('sleep 3104');
    expect(await running('sleep 3103')).toContain('sleep 3103');
    other.kill('SIGKILL');
    await isGone('sleep 3103');
  });

  test('what a command left behind on purpose stays', async () => {
    expect(
      await berth('exec', 'web', '--', 'sh', '-c', '(trap "" HUP; exec sleep 3105) > /dev/null 2>&1 < /dev/null &'),
    ).toMatchObject({ exitCode: 0 });
    expect(await running('sleep 3105')).toContain('sleep 3105');
    await berth('exec', 'web', '--', 'pkill', '-f', 'sleep 3105');
  });
});

describe('signals', () => {
  test.each(['INT', 'TERM', 'USR1', 'USR2'] as const)(
    '%s is passed on, and what the command makes of it is the exit code',
    async (name) => {
      const child = await begin(
        'sh',
        '-c',
        `trap "echo got-${name}; exit 42" ${name}; echo ready; while :; do sleep 0.1; done`,
      );
      let printed = '';
      child.stdout.on('data', (chunk) => {
        printed += String(chunk);
      });
      child.kill(`SIG${name}`);
      expect(await once(child, 'exit')).toEqual([42, null]);
      expect(printed).toBe(`got-${name}\n`);
    },
  );

  test('one that ends the command is 128 + its number', async () => {
    const child = await begin('sh', '-c', 'echo ready; exec sleep 3106');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    await isGone('sleep 3106');
  });

  test('a second one leaves a command that does not heed it, and that ends too', async () => {
    const child = await begin(
      'sh',
      '-c',
      'trap "echo heard" INT; echo ready; while :; do sleep 0.1; done',
      'deaf-3107',
    );
    child.kill('SIGINT');
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    await isGone('deaf-3107');
  });
});

describe('a terminal', () => {
  const isTerminal = 'test -t 0 && test -t 1 && stty size || echo none';

  test('is there where stdin and stdout are one, with its size, keys and exit code', async () => {
    using terminal = new BerthTerminal(helper.runDirectory, [
      'exec',
      'web',
      '--',
      'sh',
      '-c',
      `${isTerminal}; trap "exit 5" INT; echo ready; while :; do sleep 0.1; done`,
    ]);
    await terminal.until(/30 90\s[^]*ready/);
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(5);
  });

  test('is not there elsewhere, nor with -T, and with -t it is', async () => {
    expect((await berth('exec', 'web', '--', 'sh', '-c', isTerminal)).stdout.toString()).toBe('none\n');
    expect((await berth('exec', '-t', 'web', '--', 'sh', '-c', isTerminal)).stdout.toString()).toBe('24 80\r\n');
    using terminal = new BerthTerminal(helper.runDirectory, ['exec', '-T', 'web', '--', 'sh', '-c', isTerminal]);
    await terminal.until(/none/);
    expect(await terminal.exited).toBe(0);
  });

  test('takes exactly the words it was given', async () => {
    expect(
      (await berth('exec', '-t', 'web', '--', 'printf', '%s|', 'a b', '$HOME', "it's", '', '-v')).stdout.toString(),
    ).toBe("a b|$HOME|it's||-v|");
  });
});

describe('words', () => {
  test('-n leaves stdin alone', async () => {
    const child = startBerth(helper.runDirectory, ['exec', '-n', 'web', '--', 'wc', '-c']); // its stdin stays open
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += String(chunk);
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(printed.trim()).toBe('0');
  });

  test("what looks like a variable or the shell's own is a word too; what only a shell knows works", async () => {
    expect((await berth('exec', 'web', '--', 'A=b', 'env')).exitCode).toBe(127);
    expect((await berth('exec', 'web', '--', 'type', 'cd')).stdout.toString()).toMatch(/^cd is a shell builtin/);
    expect((await berth('exec', 'web', '--', 'umask')).stdout.toString()).toMatch(/^\d{4}\n$/);
    expect(await berth('exec', 'web', '--', 'sh', '-c', 'echo wrong >&2; kill -TERM $$')).toMatchObject({
      exitCode: 143,
      stderr: 'wrong\n',
    });
  });

  test('an option of the command is not taken for one of ours', async () => {
    expect(await berth('exec', 'web', 'head', '-n', '5')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Put -- before the command'),
    });
  });

  test('UTF-8 arrives as it is; what is none is refused by name', async () => {
    const word = 'ä\u{FFFD}日本 \u0001\t\n';
    expect((await berth('exec', 'web', '--', 'printf', '%s', word)).stdout.toString()).toBe(word);
    const latin = Buffer.concat([
      Buffer.from('exec "$0" "$1" exec web -- printf %s caf'),
      Buffer.from([0xe9]),
    ]).toString('latin1');
    const result = spawnSync(
      'sh',
      ['-c', `eval "$(printf '${latin.replace('\u00e9', '\\351')}')"`, process.execPath, cliBundle],
      { env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory }, encoding: 'utf8' },
    );
    expect(result).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(String.raw`The word "caf\xe9" is not valid UTF-8.`),
    });
  });

  test(
    'too many are refused before they are sent, and no other session is harmed',
    async () => {
      const other = await begin('sh', '-c', 'echo ready; cat');
      for (const words of [
        ['x'.repeat(9_000)],
        ['x'.repeat(40_000)],
        ['x'.repeat(120_000)],
        Array.from({ length: 30_000 }, (_, index) => String(index)),
        Array.from({ length: 5_000 }, () => 'a'),
      ]) {
        expect(await berth('exec', 'web', '--', 'true', ...words)).toMatchObject({
          exitCode: 2,
          stderr: expect.stringMatching(
            /^berth: The command is \d+ bytes long\. The limit is \d+ bytes\.[^]*\[guest\.command-too-long\]/,
          ),
        });
      }
      expect((await berth('exec', 'web', '--', 'true', 'x'.repeat(8_000))).exitCode).toBe(0);
      const back = once(other.stdout, 'data');
      other.stdin.end('alive');
      expect(String((await back)[0])).toBe('alive');
      expect(await once(other, 'exit')).toEqual([0, null]);
    },
    guestTimeMs,
  );
});

test("a guest's output that cannot be written ends the command, in one sentence", async () => {
  for (const [stdio, stderr] of [
    [1, 'berth: Cannot write the output: no space left on device.\n'],
    [2, ''],
  ] as const) {
    const full = openSync('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      [
        cliBundle,
        'exec',
        '-n',
        'web',
        '--',
        'sh',
        '-c',
        'while :; do echo out; echo err >&2; sleep 0.1; done',
        'endless-3108',
      ],
      {
        env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory },
        stdio: ['ignore', stdio === 1 ? full : 'ignore', stdio === 2 ? full : 'pipe'],
      },
    );
    closeSync(full);
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk).replaceAll('err\n', '');
    });
    expect(await once(child, 'close')).toEqual([255, null]);
    expect(said).toBe(stderr);
    await isGone('endless-3108');
  }
});

test(
  'exec and shell start what is stopped, unless told not to, and wait for what starts',
  async () => {
    expect(await berth('stop', '--force', 'web')).toMatchObject({ exitCode: 0 });
    expect(await berth('exec', '--no-start', 'web', '--', 'true')).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining('[instance.wrong-state]'),
    });
    expect(await berth('shell', '--no-start', 'web')).toMatchObject({
      exitCode: 255,
      stderr: expect.stringContaining('[instance.wrong-state]'),
    });
    const answers = await Promise.all(
      ['one', 'two'].map(async (word) => await berth('exec', '-n', 'web', '--', 'echo', word)),
    );
    expect(answers.map(({ stdout, exitCode }) => [stdout.toString(), exitCode])).toEqual([
      ['one\n', 0],
      ['two\n', 0],
    ]);
    expect(await berth('stop', '--force', 'web')).toMatchObject({ exitCode: 0 });
    expect((await runBerth(helper.runDirectory, ['shell', 'web'], { input: 'exit 7\n' })).exitCode).toBe(7);
  },
  guestTimeMs,
);

test(
  'a command whose guest shuts down says so',
  async () => {
    expect(await berth('start', 'web')).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await berth('exec', '-n', 'web', '--', 'sh', '-c', 'sudo poweroff -f; sleep 100');
    expect([exitCode, stderr]).toEqual([255, 'The instance was shut down before the command ended.\n']);
  },
  guestTimeMs,
);
