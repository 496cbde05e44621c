// SPDX-License-Identifier: MIT
import type { FileHandle } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';
import { checkVirtualSize, type DiskShape } from './qcow2-header.ts';

const regionTableOffset = 192 * 1024;
const tableBytes = 64 * 1024;
const entryBytes = 32;
const mostEntries = 2047;
const hasParent = 2;
/** GUIDs as they lie in the file ([MS-VHDX] 2.2.3 and 2.6). */
const metadataRegion = Buffer.from('06a27c8b90479a4bb8fe575f050f886e', 'hex');
const fileParameters = Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex');
const virtualDiskSize = Buffer.from('2442a52f1bcd7648b2115dbed83bf4b8', 'hex');

/**
 * Reads as much of a VHDX as says how large its disk is and whether it stands alone ([MS-VHDX]).
 * @throws HelperError image.unsupported-format
 */
export async function inspectVhdx(file: FileHandle, path: string): Promise<DiskShape> {
  const refuse = (reason: Sentence): never => {
    throw new HelperError('image.unsupported-format', { path, reason });
  };
  if ((await readAt(file, 0, 8)).toString('latin1') !== 'vhdxfile') return refuse(sentence('image.no-vhdx'));
  const regions = await readAt(file, regionTableOffset, tableBytes);
  if (regions.toString('latin1', 0, 4) !== 'regi') return refuse(sentence('image.regions-unreadable'));
  const region = entriesOf(regions, { from: 16, count: regions.readUInt32LE(8) }).find((entry) =>
    entry.subarray(0, 16).equals(metadataRegion),
  );
  if (region === undefined) return refuse(sentence('image.disk-not-described'));
  const start = Number(region.readBigUInt64LE(16));
  const metadata = await readAt(file, start, tableBytes);
  if (metadata.toString('latin1', 0, 8) !== 'metadata') return refuse(sentence('image.description-unreadable'));
  const items = entriesOf(metadata, { from: 32, count: metadata.readUInt16LE(10) });
  const read = async (name: Buffer, bytes: number): Promise<Buffer> => {
    const item = items.find((entry) => entry.subarray(0, 16).equals(name));
    return item === undefined
      ? refuse(sentence('image.disk-not-described'))
      : await readAt(file, start + item.readUInt32LE(16), bytes);
  };
  const parameters = await read(fileParameters, 8);
  if ((parameters.readUInt32LE(4) & hasParent) !== 0) return refuse(sentence('image.another-file'));
  const size = await read(virtualDiskSize, 8);
  return { virtualBytes: checkVirtualSize(size.readBigUInt64LE(0), path) };
}

function entriesOf(
  table: Buffer,
  { from, count }: { readonly from: number; readonly count: number },
): readonly Buffer[] {
  return Array.from({ length: Math.min(count, mostEntries) }, (_, index) =>
    table.subarray(from + index * entryBytes, from + (index + 1) * entryBytes),
  ).filter((entry) => entry.length === entryBytes);
}

/** What lies beyond the end of the file reads as zeros. */
async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  if (offset >= 0 && Number.isSafeInteger(offset)) await file.read(buffer, 0, bytes, offset);
  return buffer;
}
