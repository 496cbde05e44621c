// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliBundle, cliCommand } from '../../scripts/lib/paths.ts';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth cli '));
  await writeFile(path.join(directory, 'node'), '#!/bin/sh\necho "too old" >&2\nexit 99\n');
  await chmod(path.join(directory, 'node'), 0o755);
  await symlink(cliCommand, path.join(directory, 'berth'));
});
afterAll(async () => await rm(directory, { recursive: true, force: true }));

test.each([
  ['itself', cliCommand],
  ['a link to it, in a folder with blanks', ''],
])('the command line runs on the Node that came along: %s', async (_, command) => {
  const { stdout } = await promisify(execFile)(command || path.join(directory, 'berth'), ['--version'], {
    env: { PATH: `${directory}:/usr/bin:/bin` },
  });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(['NODE_OPTIONS', 'NODE_COMPILE_CACHE'])('as root it heeds no %s that a user left', async (name) => {
  const mark = path.join(directory, `mark of ${name}`);
  const code = path.join(directory, 'code.cjs');
  await writeFile(code, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`);
  const value = name === 'NODE_OPTIONS' ? `--require=${JSON.stringify(code)}` : mark;
  await promisify(execFile)(cliCommand, ['--version'], { env: { PATH: '/usr/bin:/bin', [name]: value } });
  await expect(access(mark)).rejects.toMatchObject({ code: 'ENOENT' });
  // it would have been there: Node itself heeds it
  await promisify(execFile)(process.execPath, [cliBundle, '--version'], {
    env: { PATH: '/usr/bin:/bin', [name]: value },
  });
  await access(mark);
});

test('without the Node that came along, and with a too old one, it says what is needed and how to get it', async () => {
  const alone = path.join(directory, 'alone');
  await copyFile(cliCommand, alone);
  const run = promisify(execFile)(alone, ['--version'], { env: { PATH: `${directory}:/usr/bin:/bin` } });
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^berth: .*Node 24.*\.\/run setup\n$/),
  });
});
