// SPDX-License-Identifier: MIT
import { lstat, readlink } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../core/errors.ts';

interface Found {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly isDirectory: boolean;
  /** Of a link. */
  readonly target: string | undefined;
}

/** As many as the kernel follows (path_resolution(7)). */
const mostLinks = 40;
const groupWrites = 0o020;
const othersWrite = 0o002;
const sticky = 0o1000;

/**
 * That nobody but root can put something in the place of what the helper makes in its run directory, nor another
 * directory in its place: it belongs to root and only root may write there, and so does each directory and link on the
 * way to it. One on the way may also be like `/tmp`, where nobody can touch what is another's, or belong to whoever
 * started the helper by sudo: as a developer does, who is root whenever it pleases him.
 *
 * @throws HelperError helper.run-directory-unsafe
 */
export async function requireSafeRunDirectory(directory: string): Promise<void> {
  const rest = namesOf(path.resolve(directory));
  let place = '/';
  for (let links = 0; ;) {
    const found = await look(place);
    const fault = links > mostLinks ? sentence('request.link-without-end') : faultOf(found, rest.length === 0);
    if (fault !== undefined)
      throw new HelperError('helper.run-directory-unsafe', { path: directory, place, reason: fault });
    if (found.target !== undefined) {
      links += 1;
      rest.unshift(...namesOf(found.target));
      // looked at once more, with what is behind the link
      place = found.target.startsWith('/') ? '/' : path.dirname(place);
      continue;
    }
    const next = rest.shift();
    if (next === undefined) return;
    place = path.join(place, next);
  }
}

function namesOf(place: string): string[] {
  return place.split('/').filter((name) => name !== '' && name !== '.');
}

async function look(place: string): Promise<Found> {
  const stats = await lstat(place);
  const { uid, gid, mode } = stats;
  const target = stats.isSymbolicLink() ? await readlink(place) : undefined;
  return { uid, gid, mode, isDirectory: stats.isDirectory(), target };
}

/** By what others could change a place, or what is in it. */
function faultOf({ uid, gid, mode, isDirectory, target }: Found, isRunDirectory: boolean): Sentence | undefined {
  if (!isTrusted(uid, isRunDirectory)) return sentence('request.belongs-to-user', { uid });
  if (target !== undefined) return undefined;
  if (!isDirectory) return sentence('request.not-a-directory');
  // on the way, root's own group is root
  const writers = isRunDirectory || gid !== 0 ? groupWrites | othersWrite : othersWrite;
  const isShared = (mode & writers) !== 0 && (isRunDirectory || (mode & sticky) === 0);
  return isShared ? sentence('request.changed-by-others') : undefined;
}

function isTrusted(uid: number, isRunDirectory: boolean): boolean {
  return uid === 0 || uid === process.geteuid?.() || (!isRunDirectory && String(uid) === process.env['SUDO_UID']);
}
