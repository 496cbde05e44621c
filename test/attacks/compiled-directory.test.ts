// SPDX-License-Identifier: MIT
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compiledDirectory } from '../../cli/compiled-directory.ts';
import { runProgram } from '../../scripts/lib/run-program.ts';
import { cliStart } from '../../scripts/lib/paths.ts';
import { max, mia } from '../support/people.ts';

/** Code that Node compiled is run as it is found: who can put it there is who uses the command line next. */
let home: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'berth-home-'));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

const kept = (): string => path.join(home, '.cache/berth/compiled');

it('in a home of the user’s own it is made, for nobody else', async () => {
  expect(compiledDirectory(home, 0)).toBe(kept());
  expect((await lstat(kept())).mode & 0o777).toBe(0o700);
  expect(compiledDirectory(home, 0)).toBe(kept());
});

it('root takes nothing out of the home of a user, and makes nothing there', async () => {
  await chown(home, mia.uid, mia.gid);
  expect(compiledDirectory(home, 0)).toBeUndefined();
  expect(await readdir(home)).toEqual([]);
});

it.each(['.cache', '.cache/berth', '.cache/berth/compiled'])('nothing is taken where %s is another’s', async (name) => {
  await mkdir(path.join(home, name), { recursive: true });
  await chown(path.join(home, name), max.uid, max.gid);
  expect(compiledDirectory(home, 0)).toBeUndefined();
});

it.each([0o775, 0o707, 0o1777])('nothing is taken where others may write: %o', async (mode) => {
  await mkdir(kept(), { recursive: true });
  await chmod(path.dirname(kept()), mode);
  expect(compiledDirectory(home, 0)).toBeUndefined();
});

it('nothing is taken by a link', async () => {
  await mkdir(path.join(home, 'elsewhere'));
  await symlink('elsewhere', path.join(home, '.cache'));
  expect(compiledDirectory(home, 0)).toBeUndefined();
});

it.each(['HOME', 'XDG_CACHE_HOME'])('%s of another user’s is not looked at', async (variable) => {
  await chown(home, mia.uid, mia.gid);
  const { exitCode } = await runProgram(process.execPath, [cliStart, '--help'], {
    env: { ...process.env, [variable]: home },
    capture: true,
  });
  expect(exitCode).toBe(0);
  expect(await readdir(home)).toEqual([]);
});
