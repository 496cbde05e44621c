// SPDX-License-Identifier: MIT
import { HelperError } from '../../core/errors.ts';
import type { ImageRecord } from './image-record.ts';

interface Pinning {
  readonly uid: number;
  /** What the image is called in an error. */
  readonly label: string;
  /** Throws quota.exceeded where the user may not have the image besides what he has. */
  readonly requireRoom: () => void;
}

/**
 * Who keeps an image of the catalogue from expiring; undefined where nobody does. Older versions did not note it: those
 * are root's.
 */
export function pinnedBy(record: ImageRecord): number | undefined {
  return record.isPinned === true ? (record.pinnedBy ?? 0) : undefined;
}

/**
 * The record with the image kept from expiring, or not any more. What is kept takes room for good: so it is root's to
 * do, or that of the only user who asked for the image, who has it in his quota then. Whoever keeps it lets it go.
 *
 * @throws HelperError auth.denied, quota.exceeded
 */
export function withPin(record: ImageRecord, isPinned: boolean, { uid, label, requireRoom }: Pinning): ImageRecord {
  const keeper = pinnedBy(record);
  if (isPinned && keeper !== undefined && uid !== 0) return record;
  const action = uid === 0 ? undefined : deniedAction(record, isPinned, { uid, label });
  if (action !== undefined) throw new HelperError('auth.denied', { uid, action });
  if (isPinned) {
    requireRoom();
    return { ...record, isPinned, pinnedBy: uid };
  }
  const { pinnedBy: _, ...unpinned } = record;
  return { ...unpinned, isPinned };
}

/** What a member may not do, in words; undefined where he may. */
function deniedAction(
  record: ImageRecord,
  isPinned: boolean,
  { uid, label }: Pick<Pinning, 'uid' | 'label'>,
): string | undefined {
  // What was imported expires never; whether it is kept is none of another user's.
  if (record.origin === 'imported') return `pin the image ${label}`;
  if (!isPinned) {
    const keeper = pinnedBy(record) ?? uid;
    return keeper === uid
      ? undefined
      : `let the image ${label} expire, which ${keeper === 0 ? 'root' : 'another user'} keeps`;
  }
  const { askedBy = [] } = record;
  if (!askedBy.includes(uid)) return `keep the image ${label}, which was not fetched for this user`;
  return askedBy.every((each) => each === uid) ? undefined : `keep the image ${label}, which others have use for too`;
}
