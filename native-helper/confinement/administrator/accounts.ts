// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { SaidError } from '../../core/said-error.ts';
import type { Credentials } from '../../core/seams/processes.ts';
import type { SecurityConf } from './security-conf.ts';

/** uid and gid that machines run with by the administrator's word; what is undefined is the instance's own. */
export async function accountsOf({
  hasOwnUsers,
  user,
  group,
}: Pick<SecurityConf, 'hasOwnUsers' | 'user' | 'group'>): Promise<Partial<Credentials>> {
  const standard = hasOwnUsers ? {} : { uid: 0, gid: 0 };
  const account = user === undefined ? {} : lookUp(user, await readFile('/etc/passwd', 'utf8'), 'user');
  const named = group === undefined ? {} : { gid: lookUp(group, await readFile('/etc/group', 'utf8'), 'group').uid };
  return { ...standard, ...account, ...named };
}

/**
 * A name of passwd(5) or group(5), of whose lines the third field is the number and, for a user, the fourth that of
 * its group. `+N`, or N where nobody has that name, is the number itself.
 * @throws Error when there is none
 */
export function lookUp(
  account: string,
  database: string,
  kind: 'user' | 'group',
): { readonly uid: number; readonly gid?: number } {
  const fields = database.split('\n').map((line) => line.split(':'));
  const number = /^\+?(\d+)$/.exec(account)?.[1];
  const found =
    fields.find(([name]) => name === account) ??
    (number === undefined ? undefined : fields.find((line) => line[2] === number));
  if (!found && number === undefined) throw new SaidError(sentence('security.there-is-no', { kind, account }));
  const uid = Number(found?.[2] ?? number);
  return kind === 'group' ? { uid } : { uid, gid: Number(found?.[3] ?? uid) };
}
