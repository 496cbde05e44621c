// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import type { Credentials } from '../../core/seams/processes.ts';
import type { InstanceServices } from './services.ts';

/**
 * A user for a new instance, or for a program that reads foreign bytes, that nothing of ours ever was. Records are
 * counted in, and what broken ones left: the counter may be younger.
 */
export async function newUser({
  users,
  registry,
  files,
}: Pick<InstanceServices, 'users' | 'registry' | 'files'>): Promise<Credentials> {
  const known = registry.all().map(({ record }) => record.runAs.uid);
  for (const name of registry.broken().keys()) {
    const uid = await stat(files.instance(name).disk).then(
      (found) => found.uid,
      () => undefined,
    ); // no disk, no user
    if (uid !== undefined) known.push(uid);
  }
  return await users.take(known);
}
