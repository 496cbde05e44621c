// SPDX-License-Identifier: MIT
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { makeDirectory } from '../../../native-helper/posix/make-directory.ts';

it('makes what is not there, with those on the way, and says why it could not', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-make-'));
  try {
    const deep = path.join(directory, 'a/b/c');
    for (const _ of ['first', 'again']) await makeDirectory(deep, 0o700);
    expect(((await stat(deep)).mode & 0o777).toString(8)).toBe('700');
    await writeFile(path.join(directory, 'file'), '');
    await expect(makeDirectory(path.join(directory, 'file/inside'), 0o700)).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(makeDirectory(path.join(directory, 'x'.repeat(300)), 0o700)).rejects.toMatchObject({
      code: 'ENAMETOOLONG',
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});
