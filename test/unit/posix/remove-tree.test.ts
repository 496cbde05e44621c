// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from '../../../native-helper/posix/remove-tree.ts';

let room: string;
beforeEach(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-remove-'));
});
afterEach(async () => {
  await rm(room, { recursive: true, force: true });
});

describe('removing a tree', () => {
  it('takes what is below the name, and follows no link', async () => {
    await mkdir(path.join(room, 'kept'));
    await writeFile(path.join(room, 'kept/file'), '');
    const tree = path.join(room, 'tree');
    await mkdir(path.join(tree, 'a/b/c'), { recursive: true });
    for (const name of ['a/f', 'a/b/f', 'a/b/c/f']) await writeFile(path.join(tree, name), '');
    await symlink(path.join(room, 'kept'), path.join(tree, 'a/b/link'));
    await removeTree(tree);
    expect(await readdir(room)).toEqual(['kept']);
    expect(await readdir(path.join(room, 'kept'))).toEqual(['file']);
  });

  it('takes a link, a file and nothing at all as they are', async () => {
    await mkdir(path.join(room, 'kept/in'), { recursive: true });
    await symlink(path.join(room, 'kept'), path.join(room, 'link'));
    await writeFile(path.join(room, 'file'), '');
    for (const name of ['link', 'file', 'nothing']) await removeTree(path.join(room, name));
    await removeTree(path.join(room, 'nowhere/at/all'));
    expect(await readdir(room, { recursive: true })).toEqual(['kept', 'kept/in']);
  });

  it('takes names that are no text, and directories deeper than a path is long', async () => {
    const tree = path.join(room, 'tree');
    await mkdir(tree);
    await mkdir(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0xfe, 0x0a])]));
    // from below: what is deep is moved into a new directory, so that no path gets long
    const part = 'd'.repeat(200);
    await mkdir(path.join(tree, part));
    for (let depth = 0; depth < 300; depth += 1) {
      await mkdir(path.join(tree, 'next'));
      await rename(path.join(tree, part), path.join(tree, 'next', part));
      await rename(path.join(tree, 'next'), path.join(tree, part));
    }
    await removeTree(tree);
    expect(await readdir(room)).toEqual([]);
  });

  it('ends with its signal', async () => {
    const tree = path.join(room, 'tree');
    await mkdir(path.join(tree, 'a'), { recursive: true });
    await expect(removeTree(tree, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(await readdir(tree)).toEqual(['a']);
  });
});
