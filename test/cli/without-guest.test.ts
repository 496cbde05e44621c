// SPDX-License-Identifier: MIT
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { catalogueEntry, vaultImage } from '#contract/images.ts';
import { hostCheck, titleOf } from '#contract/system.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { runBerth } from './run-berth.ts';

let helper: HelperProcess;

beforeAll(async () => {
  helper = await startHelper();
});

afterAll(async () => {
  await helper.stop();
});

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);

test('version tells both sides, and 0 also when the helper is down', async () => {
  const both = await berth('version', '--format', 'json');
  expect(both.exitCode).toBe(0);
  expect(JSON.parse(both.stdout.toString())).toMatchObject({
    client: { version: '0.1.0', protocol: 1 },
    helper: { version: expect.any(String), protocol: 1 },
  });
  const alone = await runBerth(path.join(tmpdir(), 'berth-nowhere'), ['version']);
  expect(alone.exitCode).toBe(0);
  expect(alone.stdout.toString()).toContain('[helper.unreachable]');
});

test('a helper that is down is code 3, with the path and the way out', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-cli-'));
  try {
    const result = await runBerth(directory, ['list']);
    expect(result.exitCode).toBe(3);
    expect(result.stdout).toHaveLength(0);
    expect(result.stderr).toContain(directory);
    expect(result.stderr).toContain('[helper.unreachable]');
    expect(result.stderr).toContain('hint: ');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('doctor tells the same in every format, with an exit code for what is missing and, asked strictly, for what is limited', async () => {
  const json = await berth('doctor', '--format', 'json');
  const { checks } = z.object({ checks: z.array(hostCheck) }).parse(JSON.parse(json.stdout.toString()));
  const has = (...states: readonly string[]): boolean => checks.some(({ state }) => states.includes(state));
  expect(json.exitCode).toBe(has('missing') ? 1 : 0);
  expect((await berth('doctor', '--strict')).exitCode).toBe(has('missing', 'limited', 'unknown') ? 1 : 0);
  const table = (await berth('doctor')).stdout.toString();
  for (const { id, title, summary, fix } of checks)
    for (const text of [
      titleOf({ id, title }),
      ...(id === 'storage' ? [] : [summary]),
      ...(fix === undefined ? [] : [fix]),
    ])
      expect(table).toContain(text);
  expect((await berth('doctor', '--format', 'csv')).stdout.toString()).toMatch(
    /^id,state,summary,evidence,fix,command\r\nhelper,/,
  );
  expect(parse((await berth('doctor', '--format', 'yaml')).stdout.toString())).toHaveProperty('checks');
});

test('doctor tells from here why a helper is not reached', async () => {
  const result = await runBerth(path.join(tmpdir(), 'berth-nowhere'), ['doctor', '--format', 'json']);
  expect(result.exitCode).toBe(3);
  expect(JSON.parse(result.stdout.toString())).toMatchObject({
    checks: [
      {
        id: 'helper',
        state: 'missing',
        summary: expect.stringContaining('berth-nowhere'),
        command: './run start',
        fix: expect.stringContaining('./run start'),
      },
    ],
  });
});

test('an empty list is empty in every format', async () => {
  expect((await berth('list', '--format', 'json')).stdout.toString()).toBe('[]\n');
  expect(parse((await berth('list', '--format', 'yaml')).stdout.toString())).toEqual([]);
  expect((await berth('list', '--format', 'csv')).stdout.toString()).toMatch(/^name,state,[\w,]+\r\n$/);
  expect((await berth('ls')).stdout.toString()).toMatch(/^NAME +STATE +ADDRESS +IMAGE +CPUS +MEMORY +DISK\n$/);
});

test('images list prints the contract in JSON and YAML, and one row per image in CSV', async () => {
  const shape = z.object({ catalogue: z.array(catalogueEntry), vault: z.array(vaultImage) });
  const json: unknown = JSON.parse((await berth('images', 'list', '--format', 'json')).stdout.toString());
  expect(shape.parse(json).catalogue.map((entry) => entry.alias)).toContain('tiny');
  expect(parse((await berth('images', '--format', 'yaml')).stdout.toString())).toEqual(json);
  const lines = (await berth('images', 'list', '--format', 'csv')).stdout.toString().split('\r\n');
  expect(lines[0]).toMatch(/^alias,fingerprint,title,/);
  expect(lines.some((line) => line.startsWith('tiny,'))).toBe(true);
});

test.each([
  { args: ['info', 'nobody'], exitCode: 4, code: 'instance.not-found' },
  { args: ['start', 'nobody'], exitCode: 4, code: 'instance.not-found' },
  { args: ['launch', 'no-such-image', '--without-apparmor'], exitCode: 4, code: 'image.not-found' },
  { args: ['launch', 'nosuch:thing'], exitCode: 4, code: 'image.remote-not-found' },
  { args: ['launch', 'mia/nothing'], exitCode: 4, code: 'image.not-found' },
  { args: ['launch', 'tiny', '--memory', '1000G'], exitCode: 2, code: 'host.too-little-memory' },
  { args: ['launch', 'ftp://x/y.img'], exitCode: 2, code: 'image.name-invalid' },
  { args: ['launch', '::'], exitCode: 2, code: 'image.name-invalid' },
  { args: ['launch', 'tiny:'], exitCode: 2, code: 'image.name-invalid' },
  { args: ['launch', ''], exitCode: 2, code: 'image.name-invalid' },
  { args: ['cancel', 'op-0000000000'], exitCode: 4, code: 'operation.not-found' },
  { args: ['cancel', 'nosuch'], exitCode: 4, code: 'operation.not-found' },
  { args: ['exec', 'nobody', '--', 'true'], exitCode: 255, code: 'instance.not-found' },
  { args: ['shell', 'nobody'], exitCode: 255, code: 'instance.not-found' },
  { args: ['info', 'NO_NAME'], exitCode: 2, code: 'request.invalid' },
])('$args.0 $args.1 ends with $exitCode and names $code', async ({ args, exitCode, code }) => {
  const result = await berth(...args);
  expect(result.stderr).toContain(`[${code}]`);
  expect(result.exitCode).toBe(exitCode);
  expect(result.stdout).toHaveLength(0);
});

test.each([
  [['lst']],
  [['launch', '--memory', '1X']],
  [['launch', '--memory', '1M']],
  [['list', '--format', 'xml']],
  [['start']],
  [['exec', 'web']],
  [['purge', '--all']],
  [['stop', 'web', '--all']],
])('wrong words are code 2: %j', async (args) => {
  const result = await berth(...args);
  expect(result.exitCode).toBe(2);
  expect(result.stderr).not.toBe('');
});

test.each([
  { args: ['exec', 'web', 'uname', '-r'], words: 'berth exec NAME -- COMMAND' },
  { args: ['launch', '--cpus', '999'], words: '--cpus: at most 64' },
  { args: ['launch', '--memory', '0'], words: 'berth: --memory: at least 128 MiB\n' },
  { args: ['images', 'frob'], words: "error: unknown command 'frob'\n(see berth help" },
  { args: ['images', 'verfy', 'x'], words: "error: unknown command 'verfy'\n(Did you mean verify?)\n" },
  { args: ['help', 'frob'], words: "error: unknown command 'frob'\n(see berth help" },
  { args: ['help', 'lanch'], words: "error: unknown command 'lanch'\n(Did you mean launch?)\n" },
  { args: ['help', 'images', 'lst'], words: "error: unknown command 'lst'\n(Did you mean list?)\n" },
  {
    args: ['launch', '--cloud-init', '/nonexistent'],
    words: '--cloud-init /nonexistent: there is no such file or folder\n',
  },
  {
    args: ['images', 'import', '/x', '--alias', 'x', '--sha256', 'abc'],
    words: 'berth: --sha256: 64 digits are needed',
  },
])('wrong words are told in words: %j', async ({ args, words }) => {
  expect(await berth(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
});

test.each([
  [['snapshot', 'web', '--name', 'x'], 'berth transfer'],
  [['restore', 'web.x'], 'berth transfer'],
  [['clone', 'web'], 'berth transfer'],
  [['networks'], 'one network'],
  [['get', 'local.driver'], 'berth images settings'],
  [['set', 'local.driver=qemu'], 'berth images settings'],
  [['alias', 'web:ls', 'l'], "alias NAME='berth exec"],
  [['aliases'], "alias NAME='berth exec"],
  [['unalias', '--all'], "alias NAME='berth exec"],
  [['prefer', 'x'], "alias NAME='berth exec"],
  [['authenticate', '-h'], 'the group berth'],
  [['wait-ready', '--timeout', '5'], 'berth doctor'],
  [['launch', '--mount', '/srv'], 'berth mount FOLDER NAME'],
  [['launch', '--network', 'eth0'], 'one network'],
  [['launch', '--bridged'], 'one network'],
  [['stop', '--time', '5', 'web'], '--timeout SECONDS'],
  [['stop', '--cancel', 'web'], 'berth cancel ID'],
  [['exec', '--working-directory', '/', 'web', '--', 'ls'], '--workdir'],
  [['find', '--show-unsupported'], '--all'],
  [['find', '--force-update'], '--refresh'],
  [['transfer', '--parents', 'a', 'web:b'], 'mkdir -p'],
])('what Multipass has and Berth has not is told, with what to use instead: %j', async (args, words) => {
  const result = await berth(...args);
  expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^berth: .+\n {2}hint: .+\n/) });
  expect(result.stderr).toContain(words);
  expect(result.stdout).toHaveLength(0);
});

test('help of a command, also of one of images, is what its --help says; images alone lists', async () => {
  for (const command of [['launch'], ['images'], ['images', 'verify']]) {
    const help = (await berth('help', ...command)).stdout.toString();
    expect(help).toMatch(new RegExp(`^Usage: berth ${command.join(' ')}`));
    expect(help).toBe((await berth(...command, '--help')).stdout.toString());
  }
  expect((await berth('images')).stdout.toString()).toBe((await berth('images', 'list')).stdout.toString());
});

test('help shows none of those', async () => {
  const { stdout } = await berth('help');
  expect(stdout.toString()).not.toMatch(/^ +(?:snapshot|alias|networks)/m);
  expect((await berth('help', 'launch')).stdout.toString()).not.toContain('--mount');
});

test('a name that no image has is told before consent is asked for, and find without a network is one line', async () => {
  expect(await berth('find')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^None of the \d+ remotes was reached \(the name \S+ cannot be looked up\)\. What they had last is shown\.\n$/,
    ),
  });
  const wrong = await berth('launch', 'mia/nothing');
  expect(wrong.stderr).toContain('[image.not-found]');
  // this kernel has no AppArmor
  expect((await berth('launch', 'tiny')).stderr).toContain('[confinement.consent-required]');
});

test('a cloud-init file that is missing or too large is refused before anything is asked', async () => {
  for (const args of [
    ['--cloud-init', '/nonexistent'],
    ['--cloud-init', '/dev/zero'],
  ]) {
    const result = await berth('launch', ...args);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('--cloud-init');
  }
  expect(JSON.parse((await berth('list', '--all', '--format', 'json')).stdout.toString())).toEqual([]);
});

test('--all with nothing to do is fine', async () => {
  const result = await berth('stop', '--all');
  expect(result).toMatchObject({ exitCode: 0, stderr: 'Nothing to stop.\n' });
});
