// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { denialList, type DenialList } from '#contract/denials.ts';
import { instanceDetails } from '#contract/instances.ts';
import { AuditFile } from '../support/audit-file.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { BerthTerminal } from './berth-terminal.ts';
import { runBerth, startBerth } from './run-berth.ts';

const execute = promisify(execFile);
let helper: HelperProcess;
let audit: AuditFile;
const guestTimeMs = 700_000;

beforeAll(async () => {
  audit = await AuditFile.create();
  helper = await startHelper({ args: ['--audit-file', audit.path] });
  const launched = await runBerth(helper.runDirectory, [
    'launch',
    'tiny',
    '--without-apparmor',
    '--name',
    'web',
    '--memory',
    '384M',
    '--verbose',
  ]);
  expect(launched.stderr).toMatch(/^launch web: sshd/m);
  expect(launched).toMatchObject({ exitCode: 0 });
  expect(launched.stdout.toString()).toBe('web\n');
}, guestTimeMs);

afterAll(async () => {
  await helper.stop();
  await audit.remove();
}, guestTimeMs);

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const state = async (name: string): Promise<string | undefined> =>
  z.array(instanceDetails).parse(JSON.parse((await berth('info', name, '--format', 'json')).stdout.toString()))[0]
    ?.state;

describe('denials', () => {
  const list = async (): Promise<DenialList> =>
    denialList.parse(JSON.parse((await berth('denials', 'web', '--format', 'json')).stdout.toString()));

  test('nothing was refused yet, and that is said', async () => {
    expect(await berth('denials', 'web')).toMatchObject({
      exitCode: 0,
      stdout: Buffer.alloc(0),
      stderr: expect.stringContaining('Nothing was refused to web.'),
    });
  });

  test('what auditd recorded is told in plain words, once for each thing, and can be kept blocked', async () => {
    for (const file of ['/home/mia/disc.iso', '/etc/shadow', '/home/mia/disc.iso'])
      await audit.deny('web', { path: file });
    await vi.waitFor(
      async () => expect((await list()).denials.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([1, 2]),
      { timeout: 20_000, interval: 300 },
    );
    const table = (await berth('denials', 'web')).stdout.toString();
    expect(table).toContain('The machine tried to read /home/mia/disc.iso');
    expect(table).toContain('rule: "/etc/shadow" r,');
    const secret = (await list()).denials.find(({ subject }) => subject === '/etc/shadow');
    expect(secret).toMatchObject({ offers: [], caution: expect.stringContaining('passwords') });
    expect(await berth('block', 'web', secret?.id ?? '')).toMatchObject({ exitCode: 0 });
    expect((await list()).denials.find(({ id }) => id === secret?.id)?.decision?.choice).toBe('keep-blocked');
    expect((await berth('block', 'web', '000000000000')).exitCode).toBe(4);
    const allowed = await berth('allow', 'web', secret?.id ?? '');
    expect(allowed.exitCode).toBe(5);
    expect(allowed.stderr).toMatch(/passwords.*\[denial\.not-allowed\]/);
  });

  test("what Berth's own programs were refused is told without a name, and nothing is decided on it", async () => {
    const own = async (): Promise<DenialList> =>
      denialList.parse(JSON.parse((await berth('denials', '--format', 'json')).stdout.toString()));
    expect(await own()).toMatchObject({ denials: [] });
    expect(await berth('denials')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Nothing was refused to Berth itself.'),
    });
    for (const [profile, file] of [
      ['berth-helper', '/opt/tool'],
      ['multipass.import-1.qemu-img', '/etc/passwd'],
      ['multipass.dnsmasq', '/etc/shadow'],
    ] as const)
      await audit.denyTo(profile, { path: file });
    await vi.waitFor(async () => expect((await own()).denials).toHaveLength(3), { timeout: 20_000, interval: 300 });
    const table = (await berth('denials')).stdout.toString();
    for (const words of [
      "Berth's helper tried to read /opt/tool.",
      'The conversion of an image tried to read /etc/passwd.',
      'not to be trusted',
      '/etc/apparmor.d/multipass.d/multipass.dnsmasq',
    ])
      expect(table).toContain(words);
    expect(table).not.toContain('berth block');
    expect((await list()).denials.map(({ subject }) => subject)).not.toContain('/opt/tool');
  });

  test('a file is allowed, at once while it runs, and taken back', async () => {
    const folder = await mkdtemp('/var/tmp/berth-allowed-'); // a machine has an empty /tmp
    try {
      const file = path.join(folder, 'disc.iso');
      await writeFile(file, 'data', { mode: 0o600 });
      await audit.deny('web', { path: file });
      await vi.waitFor(async () => expect((await list()).denials.some(({ subject }) => subject === file)).toBe(true), {
        timeout: 20_000,
        interval: 300,
      });
      const id = (await list()).denials.find(({ subject }) => subject === file)?.id ?? '';
      const grants = async (): Promise<unknown> =>
        z
          .array(instanceDetails)
          .parse(JSON.parse((await berth('info', 'web', '--format', 'json')).stdout.toString()))[0]?.security?.grants;
      expect(await berth('allow', '--write', 'web', id)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await grants()).toMatchObject([{ path: file, mode: 'rw', kind: 'file' }]);
      expect((await berth('denials', 'web')).stdout.toString()).toContain('allowed to read and write');
      expect(await berth('block', 'web', id)).toMatchObject({ exitCode: 0 });
      expect(await grants()).toEqual([]);
      expect((await berth('allow', 'web', file)).exitCode).toBe(0);
      expect(await grants()).toMatchObject([{ path: file, mode: 'r' }]);
      expect((await berth('block', 'web', file)).exitCode).toBe(0);
      expect((await berth('block', 'web', file)).stderr).toContain('[grant.not-found]');
      const link = path.join(folder, 'replaced');
      await symlink(file, link);
      await audit.deny('web', { path: link });
      await vi.waitFor(async () => expect((await list()).denials.some(({ subject }) => subject === link)).toBe(true), {
        timeout: 20_000,
        interval: 300,
      });
      const replaced = await berth(
        'allow',
        'web',
        (await list()).denials.find(({ subject }) => subject === link)?.id ?? '',
      );
      expect(replaced).toMatchObject({ exitCode: 5, stderr: expect.stringContaining(`it leads to ${file} now`) });
      expect(await grants()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('they outlive the helper, counted once', async () => {
    const before = (await list()).denials;
    await helper.kill9();
    await helper.restart();
    expect((await list()).denials).toEqual(before);
    await audit.deny('web', { path: '/home/mia/disc.iso' });
    await vi.waitFor(
      async () => expect((await list()).denials.find(({ subject }) => subject === '/home/mia/disc.iso')?.count).toBe(3),
      { timeout: 20_000, interval: 300 },
    );
  });
});

describe('exec', () => {
  test("returns the command's exit code, and 128 + its signal", async () => {
    expect((await berth('exec', 'web', '--', 'sh', '-c', 'exit 7')).exitCode).toBe(7);
    expect((await berth('exec', 'web', '--', 'sh', '-c', 'kill -TERM $$')).exitCode).toBe(143);
    expect((await berth('exec', 'web', '--', 'no-such-command')).exitCode).toBe(127);
  });

  test('keeps stdout and stderr apart and passes words on as they are', async () => {
    const result = await berth(
      'exec',
      'web',
      '--',
      'sh',
      '-c',
      'printf "%s|" "$@"; echo wrong >&2',
      'x',
      'a b',
      '$HOME',
      "it's",
      '',
      '-v',
    );
    expect(result.stdout.toString()).toBe("a b|$HOME|it's||-v|");
    expect(result.stderr).toBe('wrong\n');
    expect(result.exitCode).toBe(0);
  });

  test('runs where it is told to', async () => {
    expect((await berth('exec', 'web', '-w', '/etc', '--', 'pwd')).stdout.toString()).toBe('/etc\n');
  });

  test(
    '10 MB of any bytes go in and come out the same',
    async () => {
      const bytes = randomBytes(10 * 1024 * 1024);
      const result = await runBerth(helper.runDirectory, ['exec', 'web', '--', 'cat'], { input: bytes });
      expect(result.exitCode).toBe(0);
      expect(sha256(result.stdout)).toBe(sha256(bytes));
    },
    guestTimeMs,
  );

  test('the end of stdin reaches the command while its output goes on', async () => {
    const result = await runBerth(helper.runDirectory, ['exec', 'web', '--', 'sh', '-c', 'wc -c; echo after'], {
      input: 'x'.repeat(1000),
    });
    expect(result.stdout.toString()).toMatch(/^\s*1000\nafter\n$/);
  });

  test('a command that leaves its input unread ends, and its output is whole', async () => {
    const input = Buffer.alloc(4 * 1024 * 1024, 'abcde');
    expect(
      (
        await runBerth(helper.runDirectory, ['exec', 'web', '--', 'sh', '-c', 'head -c 5; seq 20000'], { input })
      ).stdout.toString(),
    ).toMatch(/^abcde1\n[\s\S]*\n20000\n$/);
    expect(
      (await runBerth(helper.runDirectory, ['exec', 'web', '--', 'true'], { input: Buffer.alloc(4 * 1024 * 1024) }))
        .exitCode,
    ).toBe(0);
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

test('console --no-input types nothing into the guest, and is left by Ctrl-C', async () => {
  using terminal = new BerthTerminal(helper.runDirectory, ['console', 'web', '--no-input']);
  await terminal.until(/read only; Ctrl-C leaves[\s\S]*login:/);
  terminal.type('\u001b[24;80R\rnot for the guest\r');
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  expect(terminal.output).not.toContain('24;80R');
  expect(terminal.output).not.toContain('not for the guest');
});

test('what a command of exec switched on in the terminal is off when it ends', async () => {
  using terminal = new BerthTerminal(helper.runDirectory, [
    'exec',
    'web',
    '--',
    'printf',
    String.raw`\033[?1049h\033[?1003h`,
  ]);
  expect(await terminal.exited).toBe(0);
  for (const mode of [1049, 1003])
    expect(terminal.output.lastIndexOf(`\u001b[?${mode}l`)).toBeGreaterThan(
      terminal.output.lastIndexOf(`\u001b[?${mode}h`),
    );
  expect(terminal.output).toContain('\u001b[?1049h');
});

test('what a guest switched on in the terminal is off when its shell ends', async () => {
  using terminal = new BerthTerminal(helper.runDirectory, ['shell', 'web']);
  const modes = [47, 1049, 1000, 1002, 1003, 1006, 1004, 2004, 1, 5];
  terminal.type(`printf '${modes.map((mode) => String.raw`\033[?${mode}h`).join('')}\\033[?25l\\033[?7l'; exit\r`);
  expect(await terminal.exited).toBe(0);
  const last = (sequence: string): number => terminal.output.lastIndexOf(sequence);
  for (const mode of modes) {
    expect([mode, last(`\u001b[?${mode}h`) >= 0]).toEqual([mode, true]);
    expect([mode, last(`\u001b[?${mode}l`) > last(`\u001b[?${mode}h`)]).toEqual([mode, true]);
  }
  for (const mode of [25, 7]) expect([mode, last(`\u001b[?${mode}h`) > last(`\u001b[?${mode}l`)]).toEqual([mode, true]);
});

test('console --no-follow prints the record and returns', async () => {
  const result = await berth('console', 'web', '--no-follow');
  expect(result.exitCode).toBe(0);
  expect(result.stdout.toString('latin1')).toContain('Linux version');
});

test("info tells phases, address and process in the contract's shape", async () => {
  const [details] = z
    .array(instanceDetails)
    .parse(JSON.parse((await berth('info', 'web', '--format', 'json')).stdout.toString()));
  expect(details).toMatchObject({ name: 'web', state: 'running', pid: expect.any(Number) });
  expect(details?.boots?.at(-1)?.phases.find((phase) => phase.phase === 'sshd')).toMatchObject({ state: 'done' });
  const table = (await berth('info', 'web')).stdout.toString();
  expect(table).toMatch(/^State: +running$/m);
  expect(table).toMatch(
    details?.label?.model === 'apparmor'
      ? /^Security: +model apparmor\n +label multipass\.web\.qemu-system-\S+\n +mode enforce$/m
      : /^Security: +model none: .+\n +profile multipass\.web\.qemu-system-\S+\n +allowed to run without AppArmor$/m,
  );
  for (const { layer, state, evidence } of details?.confinement ?? [])
    expect(table).toMatch(
      new RegExp(`^ *(?:Confinement: +)?${layer} +${state} +${evidence.slice(0, 12).replaceAll(/[^\w ]/g, '.')}`, 'm'),
    );
  const row = (await berth('list', '--format', 'csv')).stdout.toString().split('\r\n')[1];
  expect(row).toMatch(new RegExp(`^web,running,\\d+,true,[Tt]iny,${details?.addresses?.[0]},`));
});

test('doctor and info say which instance is off the network, until it is on it again', async () => {
  const tap = /^\d+: (tap-[0-9a-f]{8}):/m.exec((await execute('ip', ['-o', 'link'])).stdout)?.[1] ?? '';
  expect((await berth('doctor')).stdout.toString()).not.toContain('web:');
  await execute('ip', ['link', 'set', tap, 'down']);
  expect((await berth('doctor')).stdout.toString()).toMatch(/Network of instances +web: its network device is down\./);
  expect((await berth('info', 'web')).stdout.toString()).toMatch(
    /^Network: +its network device is down\n +→ berth restart web$/m,
  );
  await execute('ip', ['link', 'set', tap, 'up']);
  expect((await berth('doctor')).stdout.toString()).not.toContain('web:');
  expect((await berth('info', 'web')).stdout.toString()).not.toMatch(/^Network:/m);
});

test('security tells what an instance may touch, and gives it more at its next start', async () => {
  const shown = await berth('security', 'web');
  expect(shown.exitCode).toBe(0);
  expect(String(shown.stdout)).toMatch(/disk: .*\/web\/disk\.qcow2 \(rw\)/);
  const given = await berth(
    'security',
    'web',
    '--qemu-arg',
    '-name',
    '--qemu-arg',
    'other',
    '--qemu-env',
    'ID=wibble',
    '--qemu-env',
    'BAR',
    '--hugepages',
    'on',
    '--format',
    'json',
  );
  expect(given).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('berth restart web') });
  expect(JSON.parse(String(given.stdout))).toMatchObject({
    settings: { qemu: { args: ['-name', 'other'], env: { ID: 'wibble', BAR: '' } }, usesHugepages: true },
  });
  expect((await berth('security', 'web', '--qemu-arg', '-sandbox')).exitCode).toBe(2);
  const cleared = await berth(
    'security',
    'web',
    '--clear',
    'qemu-arg',
    '--clear',
    'qemu-env',
    '--hugepages',
    'off',
    '--format',
    'json',
  );
  expect(JSON.parse(String(cleared.stdout))).toMatchObject({
    isRestartNeeded: false,
    settings: { qemu: { args: [], env: {} }, usesHugepages: false },
  });
});

test('complain and enforce are remembered, and said to be without effect where no profile is', async () => {
  const settings = async (): Promise<unknown> =>
    (
      JSON.parse((await berth('info', 'web', '--format', 'json')).stdout.toString()) as { security: { mode: string } }[]
    )[0]?.security.mode;
  expect(await berth('complain', 'web')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/no profile is in force|let through and reported/),
  });
  expect(await settings()).toBe('complain');
  expect((await berth('enforce', 'web')).exitCode).toBe(0);
  expect(await settings()).toBe('enforce');
});

test('a name is taken once', async () => {
  const result = await berth('launch', 'tiny', '--without-apparmor', '--name', 'web');
  expect(result.exitCode).toBe(5);
  expect(result.stderr).toContain('[instance.exists]');
});

test(
  'SIGINT without a terminal cancels a launch, and nothing is left of it',
  async () => {
    const child = startBerth(helper.runDirectory, [
      'launch',
      'tiny',
      '--without-apparmor',
      '--name',
      'gone',
      '--memory',
      '256M',
      '--verbose',
    ]);
    child.stdin.end();
    let told = '';
    let isSignalled = false;
    for await (const chunk of child.stderr) {
      told += String(chunk);
      if (isSignalled || !/^launch gone: (firmware|kernel)/m.test(told)) continue;
      isSignalled = child.kill('SIGINT');
    }
    const exitCode = child.exitCode ?? ((await once(child, 'exit')) as [number])[0];
    expect(told).toContain('[operation.cancelled]');
    expect(exitCode).toBe(130);
    expect((await berth('info', 'gone')).exitCode).toBe(4);
  },
  guestTimeMs,
);

test(
  'stop, delete, recover, start, purge',
  async () => {
    expect(await berth('stop', 'web')).toMatchObject({ exitCode: 0 });
    expect(await state('web')).toBe('stopped');
    expect((await berth('exec', '--no-start', 'web', '--', 'true')).exitCode).toBe(255);
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
  },
  guestTimeMs,
);

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
