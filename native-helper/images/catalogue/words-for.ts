// SPDX-License-Identifier: MIT
import type { ImageRecord } from '../vault/image-record.ts';

/** What somebody said of an image; a user's words are for those who use his name for it. */
export type ImageWords = Pick<ImageRecord, 'title' | 'defaultUser' | 'source'>;

type Name = NonNullable<ImageRecord['names']>[number];

/** By which name an image was asked for, and whose it may be, the first that has it. */
interface AskedBy {
  readonly alias: string;
  readonly uids: readonly number[];
}

/** What an import is called where nobody whose word counts has said anything. */
export const nobodysWords = { title: 'Imported image', defaultUser: 'ubuntu' } as const;

/**
 * The words that count for a user: those of whose name he used; otherwise the publisher's, and of an import his own,
 * root's or nobody's. Where an import came from is told to whom it belongs, and to root: a URL may have secrets in it.
 */
export function wordsFor(record: ImageRecord, uid: number, asked?: AskedBy): ImageWords {
  const named = asked && nameThatWasUsed(record, asked);
  if (record.origin === 'imported') return wordsOfImport(record, uid, named);
  const { title, defaultUser } = named?.words ?? record;
  return { title, defaultUser, ...(record.source && { source: record.source }) };
}

function nameThatWasUsed({ names = [] }: ImageRecord, { alias, uids }: AskedBy): Name | undefined {
  return uids
    .map((uid) => names.find((name) => name.uid === uid && name.alias === alias))
    .find((name) => name !== undefined);
}

function wordsOfImport(record: ImageRecord, uid: number, named: Name | undefined): ImageWords {
  const { names = [] } = record;
  const newestOf = (owner: number): Name | undefined => names.findLast((name) => name.uid === owner);
  const chosen = named ?? newestOf(uid) ?? newestOf(0);
  const { title, defaultUser } = chosen ? wordsOf(record, chosen) : nobodysWords;
  const teller = uid === 0 ? (chosen ?? names.at(-1)) : newestOf(uid);
  const source = teller && wordsOf(record, teller).source;
  return { title, defaultUser, ...(source && { source }) };
}

/** Older versions had the first importer's words in the record, and none of the others. */
function wordsOf(record: ImageRecord, { uid, alias, words }: Name): ImageWords {
  return words ?? (uid === record.ownerUids?.[0] ? record : { ...nobodysWords, title: alias });
}
