// SPDX-License-Identifier: MIT

/** Where a program of ours that is started with `becomes` finds whom to become: `UID:GID`. */
export const becomeVariable = 'BERTH_BECOME';

/**
 * Gives up root for the user that the helper named, with no group but that user's (setuid(2): the capabilities go with
 * it; no_new_privs and an empty bounding set came with the start). To be called when everything is imported and
 * before anything is read that somebody else wrote.
 * @throws Error when nobody was named or root is still there: the program must not go on
 */
export function becomeUser(): void {
  const match = /^([1-9]\d*):([1-9]\d*)$/.exec(process.env[becomeVariable] ?? '');
  if (!match) throw new Error(`${becomeVariable} names no user`);
  const [uid, gid] = [Number(match[1]), Number(match[2])];
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid?.() !== uid || process.getgid?.() !== gid) throw new Error(`could not become user ${uid}`);
}
