// SPDX-License-Identifier: MIT
import { imageAlias, type ImageAlias } from '#contract/names.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import type { UserNames } from '../vault/user-names.ts';

/**
 * What a user may type for an image: his own names and everybody's as they are, other users' with the user before them.
 */
export function aliasesFor(
  { aliases, names = [] }: Pick<ImageRecord, 'aliases' | 'names'>,
  uid: number,
  users: UserNames,
): readonly ImageAlias[] {
  const own = names.filter((name) => name.uid === uid).map(({ alias }) => alias);
  const roots = names.filter((name) => name.uid === 0 && uid !== 0).map(({ alias }) => alias);
  const others = names
    .filter((name) => name.uid !== uid && name.uid !== 0)
    .map((name) => imageAlias.parse(`${users.nameOf(name.uid)}/${name.alias}`));
  return [...new Set([...own, ...roots, ...aliases, ...others])];
}
