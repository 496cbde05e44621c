// SPDX-License-Identifier: MIT
import { lstatSync, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** Below the home, each in the one before. */
const below = ['.cache', 'berth', 'compiled'];
const othersWrite = 0o022;

/**
 * Where Node may keep what it compiled of the command line; made where it is missing. Node runs what lies there without
 * looking twice, so it is the user's own from the home on: root run with a user's environment (`sudo -E`) takes
 * nothing from that user, and where others may write nothing is kept. Undefined then: it only takes longer.
 */
export function compiledDirectory(home = homeOfUser(), uid = process.geteuid?.()): string | undefined {
  if (home === undefined || uid === undefined) return undefined;
  let directory = home;
  try {
    if (!isOwn(directory, uid)) return undefined;
    for (const name of below) {
      directory = path.join(directory, name);
      if (!isThere(directory)) mkdirSync(directory, { mode: 0o700 });
      if (!isOwn(directory, uid)) return undefined;
    }
    return directory;
  } catch {
    return undefined; // a disk that is full or takes nothing: nothing is kept
  }
}

/** As the accounts have it: HOME may be somebody else's. */
function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined; // a user without an account
  }
}

function isThere(directory: string): boolean {
  return lstatSync(directory, { throwIfNoEntry: false }) !== undefined;
}

function isOwn(directory: string, uid: number): boolean {
  const status = lstatSync(directory);
  return status.isDirectory() && status.uid === uid && (status.mode & othersWrite) === 0;
}
