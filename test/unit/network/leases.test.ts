// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIpv4 } from '../../../native-helper/network/ipv4.ts';
import { parseLeaseEvent, parseLeases } from '../../../native-helper/network/leases.ts';

test('the lease file gives its IPv4 leases', () => {
  const text = [
    '1790000000 52:54:00:AA:00:01 10.9.8.7 calm-otter 01:52:54:00:aa:00:01',
    '0 52:54:00:aa:00:02 10.9.8.8 * *',
    'duid 00:01:00:01:2b',
    '1790000000 1234 fd00::5 name 00:01',
    '',
  ].join('\n');
  expect(parseLeases(text)).toEqual([
    { mac: '52:54:00:aa:00:01', address: '10.9.8.7', expires: 1_790_000_000 },
    { mac: '52:54:00:aa:00:02', address: '10.9.8.8', expires: 0 },
  ]);
});

test('hostile and damaged lines are passed over', () => {
  const lines = [
    '1790000000 52:54:00:aa:00:01',
    '1790000000 52:54:00:aa:00 10.9.8.7 x *',
    '-5 52:54:00:aa:00:01 10.9.8.7 x *',
    '1e9 52:54:00:aa:00:01 10.9.8.7 x *',
    '1790000000 52:54:00:aa:00:01 10.9.8.300 x *',
    '1790000000 06-52:54:00:aa:00:01 10.9.8.7 x *',
    '1790000000  52:54:00:aa:00:01 10.9.8.7',
    '\0\0\0\0',
    '99999999999999999 52:54:00:aa:00:01 10.9.8.7 x *',
    `${'9'.repeat(100_000)}`,
  ];
  expect(parseLeases(lines.join('\n'))).toEqual([]);
});

test('whatever comes, what is parsed is well formed', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('52:54:00:aa:00:01', '10.9.8.7', 'add', 'del', '1790000000', ' ', '\n'),
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join(' ')),
      (text) => {
        for (const record of [
          ...parseLeases(text),
          ...text.split('\n').flatMap((line) => parseLeaseEvent(line)?.record ?? []),
        ]) {
          expect(record.mac).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
          expect(parseIpv4(record.address)).toBeDefined();
          expect(Number.isSafeInteger(record.expires)).toBe(true);
        }
      },
    ),
  );
});

test('a line of the script is an event', () => {
  const record = { mac: '52:54:00:aa:00:01', address: '10.9.8.7', expires: 1_790_000_000 };
  expect(parseLeaseEvent('add 52:54:00:aa:00:01 10.9.8.7 1790000000')).toEqual({ action: 'add', record });
  expect(parseLeaseEvent('del 52:54:00:aa:00:01 10.9.8.7 ')).toEqual({
    action: 'del',
    record: { ...record, expires: 0 },
  });
  expect(parseLeaseEvent('arp-add 52:54:00:aa:00:01 10.9.8.7 1790000000')).toBeUndefined();
  expect(parseLeaseEvent('')).toBeUndefined();
});
