// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Snapshot } from '#contract/events.ts';
import { limits } from '#contract/protocol.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { inOrder } from '../../../client/in-order.ts';
import { subscribe } from '../../../client/subscribe.ts';
import { inPages, type Placed } from '../../../native-helper/core/page-of.ts';
import { snapshotPageOf } from '../../../native-helper/events/snapshot-pages.ts';

type Lists = Omit<Snapshot, 'system'>;

const whole = {
  operations: Array.from({ length: 200 }, (_, index) => ({
    id: `op-${String(index).padStart(10, '0')}`,
    target: 'x'.repeat(2000),
  })),
  instances: Array.from({ length: 3000 }, (_, index) => ({
    name: `i${String(index).padStart(5, '0')}`,
    state: 'stopped',
    ownerUid: 1000,
    isOwn: true,
    image: 'y'.repeat(900),
  })),
  remotes: [],
  catalogue: [{ alias: 'tiny' }, { alias: 'tiny', remote: 'ours' }],
  vault: Array.from({ length: 1400 }, (_, index) => ({
    fingerprint: index.toString(16).padStart(64, '0'),
    title: 'z'.repeat(1000),
  })),
} as unknown as Lists;

it('3,000 instances and 1,400 images come in pages that each fit a message, every one once', () => {
  const seen = { operations: 0, instances: 0, remotes: 0, catalogue: 0, vault: 0 };
  const keys = new Set<string>();
  let pages = 0;
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const { snapshot, next } = snapshotPageOf(whole, cursor);
    expect(Buffer.byteLength(JSON.stringify(snapshot))).toBeLessThan(limits.messageBytes / 2);
    for (const [name, list = []] of Object.entries(snapshot)) {
      seen[name as keyof Lists] += list.length;
      for (const entry of list) keys.add(`${name} ${JSON.stringify(entry)}`);
    }
    cursor = next;
    expect((pages += 1)).toBeLessThan(100);
  }
  expect(seen).toEqual({ operations: 200, instances: 3000, remotes: 0, catalogue: 2, vault: 1400 });
  expect(keys.size).toBe(4602);
});

it('a small snapshot is one page', () => {
  expect(
    snapshotPageOf({ ...whole, operations: [], instances: whole.instances.slice(0, 3), vault: [] }).next,
  ).toBeUndefined();
});

it.each(['', 'x', 'system ', '__proto__ a'])('the cursor %j is refused', (cursor) => {
  expect(() => snapshotPageOf(whole, cursor)).toThrow('cursor');
});

it('a list is whole unless a page is asked for', () => {
  const names = ['c', 'a', 'b'];
  const list = names.map((name) => ({ name }));
  expect(inPages(list, ({ name }) => name, {})).toEqual(list);
  expect(inPages(list, ({ name }) => name, { limit: 2 })).toEqual([
    { name: 'a', place: 1 },
    { name: 'b', place: 2 },
  ]);
  expect(inPages(list, ({ name }) => name, { after: 'b', limit: 2 })).toEqual([{ name: 'c', place: 0 }]);
  expect(inPages(list, ({ name }) => name, { after: 'c' })).toEqual([]);
});

interface Entry {
  readonly name: string;
}

/** As a client does it; `meanwhile` changes the list before each page but the first. */
function gathered(
  list: readonly Entry[],
  limit: number,
  meanwhile: (list: readonly Entry[]) => readonly Entry[] = (same) => same,
): Entry[] {
  const all: Placed<Entry>[] = [];
  for (
    let now = list, more = inPages(now, ({ name }) => name, { limit });
    more.length > 0;
    more = inPages(now, ({ name }) => name, { limit, ...lastOf(all) })
  ) {
    all.push(...more);
    now = meanwhile(now);
  }
  return inOrder(all);
}

const lastOf = (all: readonly Entry[]): { after?: string } =>
  all.length === 0 ? {} : { after: all.at(-1)?.name ?? '' };
const lists = fc
  .uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 40 })
  .map((names) => names.map((name) => ({ name })));

it('a list has its own order, whatever the number of pages', () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 50 }), (list, limit) => {
      expect(gathered(list, limit)).toEqual(list);
    }),
  );
});

it('what stays in a list that changes between the pages is neither lost nor doubled', () => {
  fc.assert(
    fc.property(
      lists,
      lists,
      fc.integer({ min: 1, max: 10 }),
      fc.infiniteStream(fc.nat()),
      (stays, others, limit, choices) => {
        const choice = (most: number): number => Number(choices.next().value) % most;
        const changed = (): readonly Entry[] => {
          const isOther = ({ name }: Entry): boolean => !stays.some((each) => each.name === name);
          const mixed = [...stays];
          for (const other of others.filter((each) => isOther(each) && choice(2) === 0))
            mixed.splice(choice(mixed.length + 1), 0, other);
          return choice(3) === 0 ? mixed.toReversed() : mixed;
        };
        const names = gathered(changed(), limit, changed).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        for (const { name } of stays) expect(names).toContain(name);
      },
    ),
  );
});

it('entries of one name stay together', () => {
  const list = [{ name: 'a' }, { name: 'b' }, { name: 'b' }, { name: 'c' }];
  expect(gathered(list, 2)).toEqual(list);
});

it('a snapshot of many pages has every list in its own order', async () => {
  const shuffled = {
    ...whole,
    vault: whole.vault.toReversed(),
    instances: whole.instances.toSorted((a, b) => Number(a.name.at(-1)) - Number(b.name.at(-1))),
  };
  const { next, snapshot } = snapshotPageOf(shuffled);
  const connection = {
    has: () => true,
    request: async (method: string, { cursor }: { cursor: string }) =>
      method === 'events.subscribe' ? { bootId: 'b', sequence: 1, snapshot, next } : snapshotPageOf(shuffled, cursor),
  };
  const { system: _, ...lists } = (await subscribe(connection as unknown as HelperConnection)).snapshot ?? {};
  expect(lists).toEqual(shuffled);
});
