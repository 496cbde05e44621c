// SPDX-License-Identifier: MIT
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliBundle } from '../../scripts/lib/paths.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { SharedFolder } from '../support/shared-folder.ts';
import { BerthTerminal } from './berth-terminal.ts';
import { runBerth } from './run-berth.ts';

let helper: HelperProcess;
let folder: SharedFolder;
const guestTimeMs = 700_000;
const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const inGuest = async (line: string): Promise<string> =>
  (await berth('exec', 'web', '--', 'sh', '-c', line)).stdout.toString();

beforeAll(async () => {
  helper = await startHelper();
  folder = await SharedFolder.create('src dir');
  expect(await berth('launch', 'tiny', '--without-apparmor', '--name', 'web', '--memory', '256M')).toMatchObject({
    exitCode: 0,
  });
}, guestTimeMs);
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
}, guestTimeMs);

test('mount prints the target, info shows it, umount takes it away', async () => {
  await writeFile(folder.in('f'), 'inside');
  const mounted = await berth('mount', folder.path, 'web:/srv/x y', '--readonly');
  expect([mounted.stdout.toString(), mounted.stderr, mounted.exitCode]).toEqual(['/srv/x y\n', '', 0]);
  expect(await inGuest('cat "/srv/x y/f"')).toBe('inside');
  expect((await berth('info', 'web')).stdout.toString()).toContain(
    `${folder.path} on /srv/x y, read-only (connected, by `,
  );
  expect(await berth('umount', 'web:/srv/x y')).toMatchObject({ exitCode: 0 });
  expect(await inGuest('ls /srv')).toBe('');
  expect((await berth('umount', 'web:/srv/x y')).exitCode).toBe(4);
});

test('remount attaches anew; umount asks on a terminal before it takes a folder that is in use', async () => {
  expect(await berth('mount', folder.path, 'web:/srv/used')).toMatchObject({ exitCode: 0 });
  expect((await berth('remount', 'web:/srv/used')).stdout.toString()).toBe('/srv/used\n');
  using user = new BerthTerminal(helper.runDirectory, [
    'exec',
    'web',
    '--',
    'sh',
    '-c',
    'cd /srv/used && echo ready && exec sleep 100',
  ]);
  await user.until(/ready/);
  using terminal = new BerthTerminal(helper.runDirectory, ['umount', 'web:/srv/used']);
  await terminal.until(/\/srv\/used of web is used by sleep \(\d+\)\. Unmount it all the same\? \[y\/N\] /);
  terminal.type('n\r');
  expect(await terminal.exited).toBe(1);
  expect((await berth('info', 'web')).stdout.toString()).toContain('/srv/used');
  expect(await berth('umount', '--force', 'web:/srv/used')).toMatchObject({ exitCode: 0 });
  expect(await berth('remount', 'web:/srv/used')).toMatchObject({ exitCode: 4 });
});

test('what cannot be mounted is refused with its code', async () => {
  expect(await berth('mount', folder.path, 'web:/etc')).toMatchObject({ exitCode: 5 });
  expect(await berth('mount', '/no/such/folder', 'web')).toMatchObject({ exitCode: 5 });
  expect(await berth('mount', folder.path, 'nobody')).toMatchObject({ exitCode: 4 });
  expect(await berth('mount', folder.path, 'web', '--uid', 'a:b')).toMatchObject({ exitCode: 2 });
});

test('what is no folder, no path or no map of people is refused in words', async () => {
  await writeFile(folder.in('file'), '');
  expect(await berth('mount', '', 'web')).toMatchObject({ exitCode: 2, stderr: 'berth: The path is empty.\n' });
  expect(await berth('mount', folder.in('file'), 'web')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/is a file; only folders are mounted\.[^]*berth transfer/),
  });
  expect(await berth('mount', folder.path, 'web:~mia/x')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('homes of other users'),
  });
  expect(await berth('mount', folder.path, 'web:~')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('it is the home'),
  });
  for (const maps of [
    ['-u', '0:1000', '-u', '0:0'],
    ['-g', '0:0', '-g', '5:0'],
  ]) {
    expect(await berth('mount', folder.path, 'web', ...maps)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/more than once[^]*\[mount\.map-refused\]/),
    });
  }
  expect((await berth('info', 'web')).stdout.toString()).not.toContain(folder.path);
  const missing = await berth('mount', folder.path, 'web:~/mapped', '-u', '0:31337', '--type', 'sshfs');
  expect(missing).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('The user 31337 cannot be mapped: the guest has no user 31337.'),
  });
  expect(await berth('umount', 'web:~/mapped')).toMatchObject({ exitCode: 0 });
  expect((await berth('mount', folder.path, 'web:~/below')).stdout.toString()).toBe('/home/berth/below\n');
  expect(await berth('umount', 'web:~/below')).toMatchObject({ exitCode: 0 });
});

test('from a directory that is gone whole paths work, and others say why not', async () => {
  const gone = folder.in('gone');
  await mkdir(gone);
  const inGone = (...args: string[]) =>
    spawnSync(
      'sh',
      ['-c', 'cd "$1" && rmdir "$1"; shift; exec "$@"', 'sh', gone, process.execPath, cliBundle, ...args],
      { env: { ...process.env, BERTH_RUN_DIR: helper.runDirectory }, encoding: 'utf8' },
    );
  expect(inGone('mount', '.', 'web')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('the working directory is gone'),
  });
  await mkdir(gone);
  expect(inGone('transfer', 'x', 'web:')).toMatchObject({ status: 1, stderr: expect.not.stringContaining('    at ') });
  await mkdir(gone);
  expect(inGone('list')).toMatchObject({ status: 0, stderr: '' });
});

test('transfer carries files both ways, byte for byte, with their mode', async () => {
  const bytes = randomBytes(3 * 1024 * 1024);
  await writeFile(folder.in('a b.bin'), bytes, { mode: 0o750 });
  expect(await berth('transfer', folder.in('a b.bin'), 'web:')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await inGuest('stat -c %a "a b.bin"')).toBe('750\n');
  expect(await berth('transfer', 'web:a b.bin', folder.in('back'))).toMatchObject({ exitCode: 0 });
  expect((await readFile(folder.in('back'))).equals(bytes)).toBe(true);
  expect((await berth('transfer', 'web:a b.bin', '-')).stdout.equals(bytes)).toBe(true);
});

test('transfer takes folders with all in them', async () => {
  await mkdir(folder.in('tree', 'deep'), { recursive: true });
  await writeFile(folder.in('tree', 'deep', '-rf *'), 'odd');
  await symlink('deep', folder.in('tree', 'link'));
  expect(await berth('transfer', folder.in('tree'), 'web:')).toMatchObject({ exitCode: 2 });
  const missing = { exitCode: 1, stderr: 'berth: web:missing: there is no such file or folder\n' };
  expect(await berth('transfer', 'web:missing', folder.path)).toMatchObject(missing);
  expect(await berth('transfer', 'web:missing', '-')).toMatchObject(missing);
  expect(await berth('transfer', '-r', folder.in('tree'), 'web:')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await inGuest('cat "tree/link/-rf *"')).toBe('odd');
  expect(await berth('transfer', '-r', 'web:tree', folder.in('copy'))).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readdir(folder.in('copy'))).toEqual(['deep', 'link']);
  expect((await stat(folder.in('copy', 'link'))).isDirectory()).toBe(true);
});

test('a file that is there is replaced, kept beside or skipped, as told', async () => {
  await writeFile(folder.in('notes.txt'), 'one');
  await berth('transfer', folder.in('notes.txt'), 'web:');
  await writeFile(folder.in('notes.txt'), 'two');
  const skipped = await berth('transfer', '--if-exists', 'skip', folder.in('notes.txt'), 'web:');
  expect(skipped).toMatchObject({ exitCode: 0 });
  expect(skipped.stderr).toMatch(/^web:\/.*notes\.txt: is there, skipped$/m);
  await berth('transfer', '--if-exists', 'keep-both', folder.in('notes.txt'), 'web:');
  expect(await inGuest('cat notes.txt "notes (2).txt"')).toBe('onetwo');
  await berth('transfer', folder.in('notes.txt'), 'web:~/notes.txt');
  expect(await inGuest('cat notes.txt; ls -A | grep part')).toBe('two');
  expect(await berth('transfer', '--if-exists', 'ask', folder.in('notes.txt'), 'web:')).toMatchObject({ exitCode: 2 });
});

test('on a terminal transfer shows how far it is, asks, and Ctrl-C leaves nothing', async () => {
  await truncate(folder.in('notes.txt'), 400 * 1024 * 1024);
  using terminal = new BerthTerminal(
    helper.runDirectory,
    ['transfer', '--if-exists', 'ask', folder.in('notes.txt'), 'web:'],
    { cols: 140, rows: 30 },
  );
  const asked = await terminal.until(/notes\.txt already exists \(3 B there, 400 MiB to come\)[\s\S]*all: ra /);
  terminal.type('r\r');
  await terminal.until(/MiB of 400 MiB · .*\/s · .* left/, asked);
  terminal.type('\u0003');
  expect(await terminal.exited).toBe(130);
  expect(terminal.output).toContain('nothing half-copied is left');
  expect(await inGuest('cat notes.txt; ls -A | grep part')).toBe('two');
});

test('transfer reads stdin', async () => {
  expect(
    await runBerth(helper.runDirectory, ['transfer', '-', 'web:from-stdin'], { input: 'through a pipe' }),
  ).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await inGuest('cat from-stdin')).toBe('through a pipe');
});

test('transfer says which side failed', async () => {
  const missing = await berth('transfer', 'web:no-such', folder.in('x'));
  expect(missing).toMatchObject({ exitCode: 1 });
  expect(missing.stderr).toContain('no-such');
  expect(await berth('transfer', folder.in('no-such'), 'web:')).toMatchObject({ exitCode: 1 });
  expect(await berth('transfer', folder.path, folder.in('x'))).toMatchObject({ exitCode: 2 });
});
