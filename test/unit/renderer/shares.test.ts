// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { parseOwners } from '../../../renderer/features/shares/parse-owners.ts';
import { mountLine } from '../../../renderer/lib/cli-line.ts';

test('owners are pairs of numbers, or nothing', () => {
  expect(parseOwners('')).toEqual([]);
  expect(parseOwners(' 1000:1001, 0:0 ')).toEqual([{ host: 1000, guest: 1001 }, { host: 0, guest: 0 }]);
  for (const wrong of ['1000', 'me:you', '1:2:3', '1:']) expect(parseOwners(wrong)).toBeUndefined();
});

test('the command line says the same, quoted for a shell', () => {
  expect(mountLine({ name: 'one', source: '/a/b', target: 'b', isReadOnly: false, uidMaps: [] })).toBe('berth mount /a/b one:b');
  expect(mountLine({ name: 'one', source: "/it's here", target: '/srv/x y', isReadOnly: true, uidMaps: [{ host: 1, guest: 2 }] }))
    .toBe("berth mount --readonly --uid 1:2 '/it'\\''s here' 'one:/srv/x y'");
});
