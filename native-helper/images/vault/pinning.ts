// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
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
  const action = uid === 0 ? undefined : refusedAction(record, isPinned, { uid, label });
  if (action !== undefined) throw new HelperError('auth.denied', { uid, action });
  if (isPinned) {
    requireRoom();
    return { ...record, isPinned, pinnedBy: uid };
  }
  const { pinnedBy: _, ...unpinned } = record;
  return { ...unpinned, isPinned };
}

/** What a member may not do; undefined where he may. */
function refusedAction(
  record: ImageRecord,
  isPinned: boolean,
  { uid, label }: Pick<Pinning, 'uid' | 'label'>,
): Sentence | undefined {
  // What was imported expires never; whether it is kept is none of another user's.
  if (record.origin === 'imported') return sentence('image.pin', { image: label });
  if (!isPinned) {
    const keeper = pinnedBy(record) ?? uid;
    return keeper === uid
      ? undefined
      : sentence('image.let-expire', { image: label, keeper: keeper === 0 ? 'root' : 'other' });
  }
  const { askedBy = [] } = record;
  if (!askedBy.includes(uid)) return sentence('image.keep-not-fetched', { image: label });
  return askedBy.every((each) => each === uid) ? undefined : sentence('image.keep-needed', { image: label });
}
