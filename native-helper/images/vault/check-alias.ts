// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import type { ImageAlias, RemoteName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';

/** Words that mean something else to somebody, here or in programs of this kind. */
const reservedWords = [
  'all',
  'daily',
  'default',
  'devel',
  'file',
  'help',
  'latest',
  'local',
  'lts',
  'none',
  'release',
  'root',
  'stable',
];

/** As much of a digest as a person or a program may abbreviate it to. */
const likeDigest = /^[0-9a-f]{6,}$/;
/** Releases are named so; which a remote has may not be known yet. */
const likeRelease = /^\d+(?:[.-]\d+)*$/;

/** What is spoken for when a user names an image. */
export interface SpokenFor {
  readonly entries: readonly CatalogueEntry[];
  readonly remotes: readonly RemoteName[];
  /** Root's names, which are everybody's. */
  readonly rootsAliases: readonly ImageAlias[];
}

/**
 * Refuses a name that somebody could take for another image than the user's own.
 * @throws HelperError image.alias-reserved
 */
export function checkAlias(alias: ImageAlias, uid: number, taken: SpokenFor): void {
  const reason =
    reasonAgainst(alias, taken) ??
    (uid !== 0 && taken.rootsAliases.includes(alias) ? sentence('image.administrators-name') : undefined);
  if (reason !== undefined) throw new HelperError('image.alias-reserved', { alias, reason });
}

/** Why nobody, not even root, may name an image of his own so; undefined where anybody may. */
export function reasonAgainst(
  alias: ImageAlias,
  { entries, remotes }: Omit<SpokenFor, 'rootsAliases'>,
): Sentence | undefined {
  if (likeDigest.test(alias)) return sentence('image.like-digest');
  if (likeRelease.test(alias)) return sentence('image.like-release-number');
  if (reservedWords.includes(alias)) return sentence('image.word-taken');
  if ((remotes as readonly string[]).includes(alias)) return sentence('image.name-of-remote');
  if (entries.some((entry) => namesOf(entry).includes(alias))) return sentence('image.name-of-catalogue-image');
  const distribution = [...remotes, ...entries.map(({ os }) => os)].find(
    (name) => alias.startsWith(`${name}-`) && likeRelease.test(alias.slice(name.length + 1)),
  );
  return distribution === undefined ? undefined : sentence('image.like-release', { distribution });
}

function namesOf({ alias, words = [], remote, os, release }: CatalogueEntry): readonly string[] {
  return [alias, remote === undefined ? alias : alias.slice(remote.length + 1), ...words, os, `${os}-${release}`];
}
