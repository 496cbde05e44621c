// SPDX-License-Identifier: MIT
import type { FileHandle } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';
import { checkVirtualSize, type DiskShape } from './qcow2-header.ts';

const sectorBytes = 512;
const longestDescriptor = 64 * 1024;

/**
 * Reads the header and the embedded descriptor of a VMDK in one file (VMware's Virtual Disk Format
 * 5.0). A descriptor that stands alone, or names another extent or a parent, would have qemu-img open
 * any file of the host.
 * @throws HelperError image.unsupported-format
 */
export async function inspectVmdk(file: FileHandle, fileBytes: number, path: string): Promise<DiskShape> {
  const refuse = (reason: Sentence): never => {
    throw new HelperError('image.unsupported-format', { path, reason });
  };
  const head = Buffer.alloc(sectorBytes);
  await file.read(head, 0, head.length, 0);
  if (head.toString('latin1', 0, 20) === '# Disk DescriptorFil') return refuse(sentence('image.disks-in-other-files'));
  if (head.toString('latin1', 0, 4) !== 'KDMV') return refuse(sentence('image.no-vmdk-with-data'));
  const capacity = head.readBigUInt64LE(12);
  if (capacity === 0n) return refuse(sentence('image.disks-in-other-files'));
  const virtualBytes = checkVirtualSize(capacity * BigInt(sectorBytes), path);
  const offset = Number(head.readBigUInt64LE(28)) * sectorBytes;
  const bytes = Number(head.readBigUInt64LE(36)) * sectorBytes;
  if (offset === 0 || bytes === 0 || bytes > longestDescriptor || offset + bytes > fileBytes)
    return refuse(sentence('image.description-elsewhere'));
  const descriptor = Buffer.alloc(bytes);
  await file.read(descriptor, 0, bytes, offset);
  inspectDescriptor(descriptor.toString('latin1').replace(/\0[^]*$/, ''), refuse);
  return { virtualBytes };
}

function inspectDescriptor(text: string, refuse: (reason: Sentence) => never): void {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines.some((line) => /^parentFileNameHint\b/i.test(line))) refuse(sentence('image.another-file'));
  const parent = lines
    .map((line) => /^parentCID\s*=\s*([0-9a-f]+)$/i.exec(line)?.[1])
    .find((value) => value !== undefined);
  if (parent !== undefined && parent.toLowerCase() !== 'ffffffff') refuse(sentence('image.another-file'));
  const type = lines.map((line) => /^createType\s*=\s*"([^"]*)"$/.exec(line)?.[1]).find((value) => value !== undefined);
  if (type !== 'monolithicSparse' && type !== 'streamOptimized')
    refuse(sentence('image.vmdk-type', { type: type ?? sentence('image.type-not-said') }));
  const extents = lines.filter((line) => /^(?:RW|RDONLY|NOACCESS)\s/.test(line));
  if (extents.length !== 1 || !/^RW\s+\d+\s+SPARSE\s+"[^"/]+"$/.test(extents[0] ?? ''))
    refuse(sentence('image.data-in-other-files'));
}
