// SPDX-License-Identifier: MIT
import path from 'node:path';
import { guestPath } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { isBelow } from '../core/is-below.ts';
import type { Reason } from '../core/said-error.ts';

/** Below these nothing is mounted: a guest needs its own to run. */
const systemTrees = [
  '/proc',
  '/sys',
  '/dev',
  '/boot',
  '/etc',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/run/berth',
];
/** These themselves are not mounted over; folders in them may be. */
const systemFolders = ['/', '/home', '/root', '/run', '/tmp', '/var', '/var/lib', '/var/log', '/var/tmp'];

/** For assets/shares/mount.sh, which asks again once it knows where links of the guest lead. */
export const forbiddenLines = [...systemTrees, ...systemFolders.map((folder) => `${folder}$`)].join('\n');

/** The home that cloud-init and the distributions give a user. */
export function homeOf(user: string): string {
  return user === 'root' ? '/root' : `/home/${user}`;
}

/**
 * Where in the guest a folder goes: absolute, without `.`, `..` and doubled slashes. What is relative
 * lies below the user's home; what is absent is named like the folder.
 *
 * @throws HelperError mount.target-refused
 */
export function resolveTarget(asked: string | undefined, source: string, user: string): string {
  const name = asked ?? path.posix.basename(source);
  const target = path.posix.resolve(homeOf(user), name);
  const refuse = (reason: Reason): HelperError => new HelperError('mount.target-refused', { target, reason });
  const found = guestPath.safeParse(target);
  if (name === '') throw refuse(sentence('mount.folder-without-name'));
  if (!found.success)
    throw refuse(
      sentence('mount.target-is-not', { wanted: found.error.issues[0]?.message ?? sentence('mount.a-path') }),
    );
  if (target === homeOf(user)) throw refuse(sentence('mount.target-is-home'));
  if (systemFolders.includes(target)) throw refuse(sentence('mount.target-is-system'));
  const tree = systemTrees.find((each) => isBelow(target, each));
  if (tree !== undefined) throw refuse(sentence('mount.target-below-system', { tree }));
  return target;
}

/** Whether one target is the other or lies below it: the lower one would vanish, or hang on the upper one. */
export function isNested(one: string, other: string): boolean {
  return isBelow(one, other) || isBelow(other, one);
}
