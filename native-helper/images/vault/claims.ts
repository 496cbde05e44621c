// SPDX-License-Identifier: MIT
import type { ImageRecord } from './image-record.ts';
import { pinnedBy } from './pinning.ts';

/** Why a member may not remove an image: it is another's, others asked for it too, or another keeps it. */
export type Claim = 'owned' | 'needed' | 'kept';

/** What keeps a member from removing an image; undefined where nothing does. */
export function claimOfOthers(record: ImageRecord, uid: number): Claim | undefined {
  const { origin, ownerUids = [], askedBy = [] } = record;
  if (origin === 'imported' && !ownerUids.includes(uid)) return 'owned';
  if ((origin === 'imported' ? ownerUids : askedBy).some((each) => each !== uid)) return 'needed';
  return origin !== 'imported' && (pinnedBy(record) ?? uid) !== uid ? 'kept' : undefined;
}

/** The record without a user who imported it, and his names for it. */
export function withoutOwner(record: ImageRecord, uid: number): ImageRecord {
  return {
    ...record,
    ownerUids: record.ownerUids?.filter((each) => each !== uid),
    names: record.names?.filter((name) => name.uid !== uid),
  };
}
