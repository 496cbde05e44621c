// SPDX-License-Identifier: MIT
import type { ImageRecord } from './image-record.ts';
import { pinnedBy } from './pinning.ts';

/** What keeps a member from removing an image, in words; undefined where nothing does. */
export function claimOfOthers(record: ImageRecord, uid: number): string | undefined {
  const { origin, ownerUids = [], askedBy = [] } = record;
  if (origin === 'imported' && !ownerUids.includes(uid)) return "is another user's";
  if ((origin === 'imported' ? ownerUids : askedBy).some((each) => each !== uid)) return 'others have use for too';
  return origin !== 'imported' && (pinnedBy(record) ?? uid) !== uid ? 'is kept by another' : undefined;
}

/** The record without a user who imported it, and his names for it. */
export function withoutOwner(record: ImageRecord, uid: number): ImageRecord {
  return {
    ...record,
    ownerUids: record.ownerUids?.filter((each) => each !== uid),
    names: record.names?.filter((name) => name.uid !== uid),
  };
}
