// SPDX-License-Identifier: MIT
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

/** A user of the computer, as the kernel knows one: by numbers. */
export interface Person {
  readonly uid: number;
  readonly gid: number;
}

/** The group that a test's helper serves, which every Debian has (base-passwd): `startHelper({ args: forMembers })`. */
const memberGroup = 100;
export const forMembers = ['--group', 'users'] as const;
/** Two members of the group, who must not get at each other's things, and one who is none. */
export const mia: Person = { uid: 61_501, gid: memberGroup };
export const max: Person = { uid: 61_502, gid: memberGroup };
export const stranger: Person = { uid: 61_503, gid: 61_503 };

/**
 * A connection that the kernel knows as that person's: what SO_PEERCRED tells is who was the effective user at
 * connect(2), which Node calls before this function gives way.
 */
export async function connectAs(person: Person, runDirectory: string): Promise<HelperConnection> {
  return await actingAs(person, () => connectHelper({ runDirectory, clientName: `uid ${person.uid}` }));
}

/**
 * Runs what `act` does before its first wait with that person's effective user and group, and no other group's rights.
 */
export function actingAs<T>(person: Person, act: () => T): T {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(person.gid);
  process.seteuid?.(person.uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}
