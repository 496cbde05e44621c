// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { LinkState } from '#contract/desktop.ts';
import { localHost } from '#contract/hosts.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { parseOwners } from '../../../renderer/features/shares/parse-owners.ts';
import { dropWords, parentsOf, type DropPart } from '../../../renderer/features/shares/drop-target.ts';
import { mountParams, plainOptions, problemOf, rowsFor } from '../../../renderer/features/shares/share-form.ts';
import { mountLine, transferOutLine } from '../../../renderer/lib/cli-line.ts';
import { unknownLink } from '../../../renderer/store/links.ts';
import { instance, key, told } from './fixtures.ts';

test('owners are pairs of numbers, or nothing', () => {
  expect(parseOwners('')).toEqual([]);
  expect(parseOwners(' 1000:1001, 0:0 ')).toEqual([
    { host: 1000, guest: 1001 },
    { host: 0, guest: 0 },
  ]);
  for (const wrong of ['1000', 'me:you', '1:2:3', '1:']) expect(parseOwners(wrong)).toBeUndefined();
});

test('the command line says the same, quoted for a shell', () => {
  expect(mountLine({ name: 'one', source: '/a/b', target: 'b', isReadOnly: false, uidMaps: [] })).toBe(
    'berth mount /a/b one:b',
  );
  expect(
    mountLine({
      name: 'one',
      source: "/it's here",
      target: '/srv/x y',
      isReadOnly: true,
      uidMaps: [{ host: 1, guest: 2 }],
      gidMaps: [{ host: 3, guest: 4 }],
      type: 'virtiofs',
      isNotifying: true,
    }),
  ).toBe("berth mount --readonly --uid 1:2 --gid 3:4 --type virtiofs --notify '/it'\\''s here' 'one:/srv/x y'");
  expect(transferOutLine('one', ['a b', '/c'], '/home/me')).toBe(
    "berth transfer --recursive 'one:a b' one:/c /home/me",
  );
});

test('each folder gets a target of its own, past those that are taken', () => {
  const mounts = [{ target: '/home/berth/src' }] as unknown as readonly MountSummary[];
  expect(rowsFor(['/a/src', '/b/src/', '/c/other'], mounts).map(({ target }) => target)).toEqual([
    'src-2',
    'src-3',
    'other',
  ]);
});

test('what is wrong with a row is said before anybody is asked', () => {
  const rows = [
    { source: '/a', target: 'x' },
    { source: '/b', target: ' x ' },
    { source: '/c', target: ' ' },
    { source: '/d', target: 'd', refusal: 'refused' },
  ];
  expect(rows.map((row) => problemOf(row, rows))).toEqual([
    'Another folder already uses this path',
    'Another folder already uses this path',
    'Enter a folder',
    'refused',
  ]);
  expect(mountParams({ ...plainOptions, owners: 'numbers', users: 'me' })).toBeUndefined();
  expect(mountParams({ ...plainOptions, users: 'me' })).toEqual({
    isReadOnly: false,
    type: 'auto',
    isNotifying: false,
    uidMaps: [],
    gidMaps: [],
  });
});

test('a drag is told what its drop would do, or why it can do nothing', () => {
  const connected = { state: 'connected', helperVersion: '1' } as const;
  const say = (
    facts: object,
    content: { count: number; isAllFiles: boolean },
    link: LinkState = connected,
    part: DropPart = 'copy',
  ) =>
    dropWords(
      {
        instances: { [key('one')]: told(instance('one', { ...facts })) },
        links: { [localHost]: { ...unknownLink, link } },
      },
      { instance: key('one'), folder: undefined, part },
      content,
    );
  const some = { count: 2, isAllFiles: false };
  const files = { count: 2, isAllFiles: true };
  expect(say({ state: 'running' }, some)).toMatchObject({
    isRefused: false,
    note: expect.stringContaining('files are copied to its home'),
  });
  expect(say({ state: 'running' }, files)).toMatchObject({ isRefused: false, title: 'Copy 2 files to one' });
  expect(say({ state: 'stopped' }, some)).toMatchObject({
    isRefused: false,
    note: expect.stringContaining('next start'),
  });
  expect(say({ state: 'stopped' }, files)).toMatchObject({
    isRefused: true,
    title: expect.stringContaining('is not running'),
  });
  expect(say({ state: 'running' }, files, connected, 'share')).toMatchObject({
    isRefused: false,
    title: 'Share their folder',
  });
  expect(say({ state: 'stopped' }, files, connected, 'share')).toMatchObject({
    isRefused: false,
    note: expect.stringContaining('next start'),
  });
  expect(say({ state: 'running' }, some, connected, 'share')).toMatchObject({ title: 'Drop on one' });
  expect(say({ state: 'deleted' }, files, connected, 'share')).toMatchObject({ isRefused: true });
  expect(say({ state: 'running', isOwn: false }, some)).toMatchObject({
    isRefused: true,
    title: expect.stringContaining('another user'),
  });
  expect(say({ state: 'deleted' }, some)).toMatchObject({ isRefused: true, title: expect.stringContaining('deleted') });
  expect(say({ state: 'running' }, some, { state: 'connecting' })).toMatchObject({
    isRefused: true,
    title: expect.stringContaining('not connected'),
  });
});

test('files lie in folders, each of which is shared once', () => {
  expect(parentsOf(['/a/b/x.txt', '/a/b/y.txt', '/c.txt', '/d e/z'])).toEqual(['/a/b', '/', '/d e']);
});
