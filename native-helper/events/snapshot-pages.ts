// SPDX-License-Identifier: MIT
import type { Snapshot, SnapshotPage } from '#contract/events.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { pageOf } from '../core/page-of.ts';

type Lists = Omit<Snapshot, 'system'>;
type Section = keyof Lists;

/** In the order in which they come, with what names an entry. */
const sections: readonly { readonly name: Section; readonly keyOf: (entry: never) => string }[] = [
  { name: 'operations', keyOf: ({ id }: Snapshot['operations'][number]) => id },
  { name: 'instances', keyOf: ({ name }: Snapshot['instances'][number]) => name },
  { name: 'remotes', keyOf: ({ name }: NonNullable<Snapshot['remotes']>[number]) => name },
  { name: 'catalogue', keyOf: ({ alias }: Snapshot['catalogue'][number]) => alias },
  { name: 'vault', keyOf: ({ fingerprint }: Snapshot['vault'][number]) => fingerprint },
];

/**
 * The part of a snapshot behind `cursor`, `section key`. A cursor holds nothing in the helper: a page is made of what
 * is there when it is asked for, and the events of what changed since the first follow in any case.
 *
 * @throws HelperError request.invalid
 */
export function snapshotPageOf(whole: Lists, cursor?: string): SnapshotPage {
  const [asked, after] = parse(cursor);
  const lists: Record<Section, unknown[]> = { operations: [], instances: [], remotes: [], catalogue: [], vault: [] };
  let roomBytes = pageBytes;
  for (const [index, { name, keyOf }] of sections.entries()) {
    if (index < asked) continue;
    const { page, bytes, last } = pageOf((whole[name] ?? []) as unknown as readonly never[], keyOf, {
      after: index === asked ? after : undefined,
      mostBytes: roomBytes,
    });
    lists[name] = page;
    roomBytes -= bytes;
    if (last !== undefined) return { snapshot: lists as unknown as Lists, next: `${name} ${last}` };
    if (roomBytes <= 0 && index + 1 < sections.length)
      return { snapshot: lists as unknown as Lists, next: `${sections[index + 1]?.name} ` };
  }
  return { snapshot: lists as unknown as Lists };
}

/** Far below the limit of a message, so that a page keeps nobody waiting. */
const pageBytes = 256 * 1024;

function parse(cursor: string | undefined): [index: number, after: string | undefined] {
  if (cursor === undefined) return [0, undefined];
  const blank = cursor.indexOf(' ');
  const index = sections.findIndex(({ name }) => name === cursor.slice(0, blank));
  if (blank < 0 || index < 0) throw new HelperError('request.invalid', { reason: sentence('request.foreign-cursor') });
  return [index, cursor.slice(blank + 1) || undefined];
}
