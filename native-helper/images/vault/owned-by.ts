// SPDX-License-Identifier: MIT
import type { ImageImportParams } from '#contract/images.ts';
import type { ImageRecord } from './image-record.ts';
import { nobodysWords } from '../catalogue/words-for.ts';

type Own = Pick<ImageRecord, 'aliases' | 'ownerUids' | 'names' | 'title' | 'os' | 'release' | 'origin' | 'defaultUser'>;

/**
 * What is known of an image that a user imports: the catalogue has no name for it, and what he says of it goes with
 * his.
 */
export function ownedBy(
  uid: number,
  { alias, title = alias, defaultUser }: Pick<ImageImportParams, 'alias' | 'title' | 'defaultUser'>,
  source?: ImageRecord['source'],
): Own {
  const words = { title, defaultUser, ...(source && { source }) };
  return {
    ...nobodysWords,
    aliases: [],
    ownerUids: [uid],
    names: [{ uid, alias, since: new Date().toISOString(), words }],
    os: 'linux',
    release: '',
    origin: 'imported',
  };
}
