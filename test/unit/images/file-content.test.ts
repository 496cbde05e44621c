// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { requireKind } from '../../../native-helper/images/convert/file-content.ts';

const bootSector = (): Buffer => {
  const disk = Buffer.alloc(65_536);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
};
const refusal = (reason: RegExp): unknown =>
  expect.objectContaining({
    code: 'image.unsupported-format',
    params: { path: '/x', reason: expect.stringMatching(reason) as unknown },
  });

it.each([
  ['a boot sector', bootSector()],
  ['nothing but zeros', Buffer.alloc(65_536)],
  ['letters before a zero', Buffer.concat([Buffer.alloc(65_535, 'x'), Buffer.alloc(1)])],
  ['one word over and over', Buffer.alloc(65_536, 'word')],
  ['bytes that are no letters', Buffer.alloc(65_536, 0xff)],
  ['no bytes', Buffer.alloc(0)],
])('takes a raw disk with %s', (_, head) => {
  expect(() => requireKind(head, 'raw', '/x')).not.toThrow();
});

const iso = bootSector();
iso.write('CD001', 32_769, 'latin1');
it.each([
  [Buffer.from('514649fb00000003', 'hex'), /a qcow2 file, not a raw disk; import it with the format qcow2/],
  [Buffer.from('KDMV\x01'), /VMDK/],
  [Buffer.from('# Disk DescriptorFile\n'), /VMDK descriptor/],
  [Buffer.concat([Buffer.alloc(64, 0x20), Buffer.from('7f10dabe', 'hex')]), /VDI/],
  [Buffer.from('vhdxfile'), /VHDX/],
  [Buffer.from('1f8b0800', 'hex'), /gzip/],
  [Buffer.from('PK\x03\x04'), /zip archive/],
  [iso, /ISO/],
  [Buffer.from('<!DOCTYPE html>\n<html>'), /web page/],
  [Buffer.from(`${'ä'.repeat(32_766)}\n x é`).subarray(0, 65_536), /text/],
  [Buffer.from('a word'), /text/],
])('says what a file that is no raw disk is: %#', (head, reason) => {
  expect(() => requireKind(head, 'raw', '/x')).toThrow(refusal(reason) as Error);
});

it('says so of a file that is none of the format it was given as, and looks no further at one that is', () => {
  expect(() => requireKind(iso, 'qcow2', '/x')).toThrow(refusal(/ISO.*not a qcow2 disk/) as Error);
  expect(() => requireKind(Buffer.from('vhdxfile'), 'vmdk', '/x')).toThrow(refusal(/format vhdx/) as Error);
  for (const [format, head] of [
    ['qcow2', '514649fb'],
    ['vhdx', '7668647866696c65'],
  ] as const)
    expect(() => requireKind(Buffer.from(head, 'hex'), format, '/x')).not.toThrow();
});
