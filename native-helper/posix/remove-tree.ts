// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, opendir, rename, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';
import { at, atSelf, type EntryName } from './at.ts';
import { openBeneath } from './open-beneath.ts';

/** How often something in a tree may turn into something else under our hands before we give up. */
const changesAllowed = 1000;
const writableByOthers = 0o022;
const privateMode = 0o700;

/** The tree's first directory, which is root's from the beginning on, so that nobody meddles with names in it. */
interface Top {
  readonly handle: FileHandle;
  /** A name in it that nothing has. */
  readonly freeName: () => string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Removes what has this name, and all below it; nothing there is no error. The parent directory must be one that only
 * root changes; the tree itself may be another user's, who is at work in it meanwhile:
 *
 * - A directory is opened by its parent's descriptor, following no link and crossing no mount, and is taken over
 * (root's, 0700) before it is read: from then on nobody else changes a name in it, and its contents come to an end.
 * - Directories deeper down are moved up into the tree's first one. So two directories are open at any depth, no list
 *   is kept, and no path is ever built.
 *
 * A mount in the tree stays, with its directory (which may have been moved up by then), and is the error's reason.
 *
 * @throws HelperError storage.failed
 */
export async function removeTree(tree: string, signal?: AbortSignal): Promise<void> {
  try {
    await using parent = await open(path.dirname(tree), constants.O_RDONLY | constants.O_DIRECTORY);
    await removeEntry(parent, path.basename(tree), async (handle) => {
      let names = 0;
      const prefix = `.removed-${randomBytes(6).toString('hex')}-`;
      await emptyTop({ handle, freeName: () => `${prefix}${(names += 1)}`, signal });
    });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new HelperError(
      'storage.failed',
      { action: sentence('storage.action', { action: 'remove' }), path: tree, reason: reasonOf(error) },
      { cause: error },
    );
  }
}

/** Twice over where something was moved up after its place was passed; a pass that finds nothing is the last. */
async function emptyTop(top: Top): Promise<void> {
  const removeMoved = async (name: Buffer): Promise<void> => {
    await removeEntry(top.handle, name, async (inner) => {
      await forEachEntry(inner, top.signal, async (entry) => {
        await moveUp(inner, entry, top);
      });
    });
  };
  while (await forEachEntry(top.handle, top.signal, removeMoved)) {
    /* until it is empty */
  }
}

/** A file goes at once; a directory becomes one of the top's own, where its turn comes. */
async function moveUp(from: FileHandle, name: Buffer, top: Top): Promise<void> {
  if (await unlinked(from, name)) return;
  await rename(at(from.fd, name), at(top.handle.fd, top.freeName()));
}

/** Removes an entry, whatever it is; `empty` takes away what a directory holds, which is ours by then. */
async function removeEntry(
  parent: FileHandle,
  name: EntryName,
  empty: (directory: FileHandle) => Promise<void>,
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      if (await unlinked(parent, name)) return;
      await using directory = await openBeneath(parent.fd, name, { flags: constants.O_RDONLY | constants.O_DIRECTORY });
      await takeOver(directory);
      await empty(directory);
      await rmdir(at(parent.fd, name));
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      // it was exchanged for something else between two calls: what is there now is looked at anew
      if (attempt >= changesAllowed || !['ELOOP', 'ENOTDIR', 'ENOTEMPTY'].includes(code ?? '')) throw error;
    }
  }
}

/** False for a directory, which unlink(2) refuses with EISDIR before it looks at anything else. */
async function unlinked(parent: FileHandle, name: EntryName): Promise<boolean> {
  try {
    await unlink(at(parent.fd, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR') return false;
    if (code !== 'ENOENT') throw error;
  }
  return true;
}

/** The owner first: a mode that we set before could be set back. The mode also shuts out whom an access list names. */
async function takeOver(directory: FileHandle): Promise<void> {
  const { uid, gid, mode } = await directory.stat();
  const self = process.geteuid?.() ?? 0;
  if (uid === self && (mode & writableByOthers) === 0 && (mode & privateMode) === privateMode) return;
  if (uid !== self) await directory.chown(self, self === 0 ? 0 : gid);
  await directory.chmod(privateMode);
}

/** One after another, as the kernel lists them. @returns whether there was one */
async function forEachEntry(
  directory: FileHandle,
  signal: AbortSignal | undefined,
  act: (name: Buffer) => Promise<void>,
): Promise<boolean> {
  let found = false;
  // Node's types know no names as bytes here
  const listing = await opendir(atSelf(directory.fd), { encoding: 'buffer' as BufferEncoding });
  for await (const entry of listing as AsyncIterable<unknown> as AsyncIterable<Dirent<Buffer>>) {
    signal?.throwIfAborted();
    found = true;
    await act(entry.name);
  }
  return found;
}

function reasonOf(error: unknown): Reason {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EXDEV' || code === 'EBUSY') return sentence('storage.mounted-there');
  return messageOf(error);
}
