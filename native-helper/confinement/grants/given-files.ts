// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { AccessGrant } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import type { FileAccess } from '../machine-access.ts';
import { resolveGrant } from './resolve-grant.ts';

interface Looking {
  readonly runner: ProcessRunner;
  readonly assetsDirectory: string;
  readonly signal: AbortSignal;
}

/**
 * The granted files that are there, before a machine starts: each is looked at with the rights of who gave it. One that
 * is gone is passed over, and QEMU says what it misses. The launcher opens each once more and compares.
 *
 * @throws HelperError grant.source-changed where another file is there, or one that the giver may not open any more
 */
export async function givenFiles(
  name: InstanceName,
  files: readonly FileAccess[],
  options: Looking,
): Promise<FileAccess[]> {
  const found: FileAccess[] = [];
  for (const file of files) {
    if (file.purpose === 'granted' && (await isUnchanged(name, file, options))) found.push(file);
  }
  return found;
}

/** Notes of earlier versions have no group. */
export function giverOf(given: FileAccess['given']): Credentials {
  const uid = given?.grantedBy ?? 0;
  return { uid, gid: given?.file?.gid ?? uid };
}

async function isUnchanged(name: InstanceName, { path, mode, given }: FileAccess, options: Looking): Promise<boolean> {
  const changed = (reason: Reason, cause?: unknown): HelperError =>
    new HelperError('grant.source-changed', { name, path, reason }, { cause });
  const now = await resolveGrant(
    { path, mode },
    { ...giverOf(given), pid: 0 },
    { ...options, ownDirectories: [] },
  ).catch((error: unknown) => {
    if (!(error instanceof HelperError) || error.code !== 'grant.denied') throw error;
    const reason = String(error.params['reason']);
    if (/^No such file|^Directory nonexistent/.test(reason)) return undefined;
    throw changed(reason, error);
  });
  if (now === undefined) return false;
  if (now.path !== path || now.kind !== 'file') throw changed(sentence('security.leads-elsewhere', { path: now.path }));
  if (!isSame(now.file, given?.file)) throw changed(sentence('security.another-file'));
  return true;
}

/** By inode and birth (statx(2)): the number of a file system may be another after each boot. */
function isSame(now: AccessGrant['file'], before: AccessGrant['file']): boolean {
  return before === undefined || (now?.inode === before.inode && now.born === before.born);
}
