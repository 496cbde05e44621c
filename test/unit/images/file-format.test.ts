// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { formatOf, packingOf } from '../../../native-helper/images/convert/file-content.ts';
import { inspectedBytes } from '../../../native-helper/images/convert/qcow2-header.ts';

function at(...parts: readonly (readonly [number, string | Buffer])[]): Buffer {
  const head = Buffer.alloc(inspectedBytes);
  for (const [place, bytes] of parts) head.set(Buffer.from(bytes), place);
  return head;
}
const bootSector = [510, Buffer.from('55aa', 'hex')] as const;

test.each([
  ['qcow2', at([0, Buffer.from('514649fb', 'hex')])],
  ['vmdk', at([0, 'KDMV'])],
  ['vmdk', at([0, '# Disk DescriptorFile'])],
  ['vdi', at([64, Buffer.from('7f10dabe', 'hex')])],
  ['vhdx', at([0, 'vhdxfile'])],
  ['raw', at(bootSector)],
  ['qcow2', at([0, Buffer.from('514649fb', 'hex')], bootSector)],
] as const)('%s is found by its bytes', (format, head) => {
  expect(formatOf(head, '/x')).toBe(format);
});

test.each([
  ['an ISO image', at(bootSector, [32_769, 'CD001'])],
  ['a VHD file', at([0, 'conectix'], bootSector)],
  ['no disk of a known format', at([0, '#!/bin/sh'])],
  ['empty', Buffer.alloc(0)],
  ['text', Buffer.from('text')],
  ['an encrypted LUKS volume', at([0, Buffer.from('4c554b53babe', 'hex')])],
])('%s is refused by name', (name, head) => {
  expect(() => formatOf(head, '/x')).toThrow(
    expect.objectContaining({
      code: 'image.unsupported-format',
      params: expect.objectContaining({ reason: expect.stringContaining(name) as string }) as object,
    }) as Error,
  );
});

test.each([
  ['xz', 'fd377a585a00'],
  ['zst', '28b52ffd'],
  ['gz', '1f8b08'],
  ['bz2', '425a68'],
  ['none', '514649fb'],
  ['none', ''],
])('packed as %s by %s', (packing, hex) => {
  expect(packingOf(Buffer.from(hex, 'hex'))).toBe(packing);
});
