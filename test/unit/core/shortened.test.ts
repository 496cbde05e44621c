// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { mountSummary, type MountSummary } from '#contract/mounts.ts';
import { limits } from '#contract/protocol.ts';
import { allShortened, shortened } from '../../../native-helper/core/shortened.ts';
import { pageOf } from '../../../native-helper/core/page-of.ts';

const bytesOf = (value: object): number => Buffer.byteLength(JSON.stringify(value));
const worst = '\u{1}'.repeat(1000);
const error = { code: 'mount.failed' as const, params: { reason: worst, path: worst }, causes: [worst] };
const mount = (index: number): MountSummary => ({
  id: index.toString(16).padStart(8, '0'),
  source: `/${worst}`,
  target: `/mnt/${index}${worst}`,
  isReadOnly: false,
  type: 'auto',
  uidMaps: [],
  gidMaps: [],
  state: 'not-connected',
  since: '2026-01-01T00:00:00.000Z',
  reason: error,
  lastError: { at: '2026-01-01T00:00:00.000Z', error },
  fallback: error,
  overSsh: error,
  bytesToGuest: 0,
  bytesFromGuest: 0,
  reconnects: 0,
});

it('what fits is told as it is', () => {
  const value = { name: 'a', mounts: [mount(1)] };
  expect(shortened(value, bytesOf(value))).toBe(value);
});

it('what does not fit is cut until it does, says so, and keeps its form', () => {
  const whole = { name: 'a', mounts: Array.from({ length: 64 }, (_, index) => mount(index)) };
  for (const most of [4096, 64 * 1024, 192 * 1024]) {
    const short = shortened(whole, most);
    expect(bytesOf(short)).toBeLessThanOrEqual(most);
    expect(short).toMatchObject({ name: 'a', isShortened: true });
  }
});

it('no character is cut in two, which would be no path any more', () => {
  for (const before of ['', 'x']) {
    const source = `/${before}${'\u{1F600}'.repeat(900)}`;
    const whole = {
      mounts: Array.from({ length: 64 }, (_, index) => ({ ...mount(index), source, target: `/mnt/${index}${source}` })),
    };
    for (const most of [8 * 1024, 32 * 1024, 128 * 1024]) {
      const { mounts } = shortened(whole, most);
      expect(mounts.map((each) => mountSummary.safeParse(each).success)).toEqual(mounts.map(() => true));
    }
    expect(mountSummary.safeParse(shortened(mount(1), 2048)).success).toBe(true);
    expect(mountSummary.parse(shortened({ ...mount(1), source }, 2048)).source).toMatch(/^\/x?\u{1F600}+…$/u);
  }
});

it('of a list of answers none is missing', () => {
  const all = allShortened(
    Array.from({ length: 64 }, (_, index) => mount(index)),
    512 * 1024,
  );
  expect(all.map((each) => mountSummary.parse(each).id)).toEqual(
    Array.from({ length: 64 }, (_, index) => mount(index).id),
  );
  expect(bytesOf(all)).toBeLessThan(limits.messageBytes);
});

it('no entry keeps the others of a list from being told', () => {
  const entries = [
    { name: 'a', mounts: [] },
    { name: 'b', mounts: Array.from({ length: 64 }, (_, index) => mount(index)) },
    { name: 'c', mounts: [] },
  ];
  expect(bytesOf(entries)).toBeGreaterThan(limits.messageBytes);
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const { page, last } = pageOf(entries, ({ name }) => name, { after });
    expect(bytesOf(page)).toBeLessThan(limits.messageBytes / 2);
    names.push(...page.map(({ name }) => name));
    if (last === undefined) break;
    after = last;
  }
  expect(names).toEqual(['a', 'b', 'c']);
});
