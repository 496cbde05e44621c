// SPDX-License-Identifier: MIT
import type { FileHandle } from 'node:fs/promises';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';

/** QEMU's own limit (QCOW_MAX_REFTABLE_SIZE). */
const longestCountsBytes = 8 * 1024 ** 2;
const sectorBytes = 512;
const subclusters = 32;

interface Layout {
  readonly clusterBits: number;
  readonly clusterBytes: number;
  readonly virtualBytes: number;
  /** Entries have a map of subclusters beside them. */
  readonly isExtended: boolean;
}

/**
 * Checks that all clusters of a qcow2 that its active tables name lie in the file to their last byte
 * (docs/interop/qcow2.txt of QEMU). qemu-img takes what is missing of the last cluster for zeros, so neither its check
 * nor a conversion notices. What a table itself says was checked before.
 * @param head as for inspectQcow2, which took it
 * @throws HelperError image.unsupported-format
 */
export async function requireWholeQcow2(file: FileHandle, head: Buffer, path: string): Promise<void> {
  const { size } = await file.stat();
  const missing = Math.max(await endOfTables(file, head), await endOfData(file, head, size)) - size;
  if (missing > 0)
    throw new HelperError('image.unsupported-format', {
      path,
      reason: sentence('image.bytes-missing', { missing: formatBytes(missing) }),
    });
}

async function endOfTables(file: FileHandle, head: Buffer): Promise<number> {
  const { clusterBytes } = layoutOf(head);
  const start = Number(head.readBigUInt64BE(48));
  const bytes = head.readUInt32BE(56) * clusterBytes;
  const table = await readAt(file, start, Math.min(bytes, longestCountsBytes));
  const blocks = Array.from({ length: Math.floor(table.length / 8) }, (_, index) => offsetIn(table, index * 8));
  return blocks.reduce((end, block) => (block === 0 ? end : Math.max(end, block + clusterBytes)), start + bytes);
}

async function endOfData(file: FileHandle, head: Buffer, fileBytes: number): Promise<number> {
  const layout = layoutOf(head);
  const { clusterBytes } = layout;
  const guestBytesPerTable = (clusterBytes / (layout.isExtended ? 16 : 8)) * clusterBytes;
  const first = await readAt(file, Number(head.readBigUInt64BE(40)), head.readUInt32BE(36) * 8);
  const seen = new Set<number>(); // each table is read once, so no more is read than the file has
  let end = 0;
  for (let index = 0; index * 8 < first.length; index += 1) {
    const offset = offsetIn(first, index * 8);
    if (offset === 0 || seen.has(offset)) continue;
    seen.add(offset);
    end = Math.max(end, offset + clusterBytes);
    if (end > fileBytes || offset % clusterBytes !== 0) break; // cut short, or a table that no check has passed
    end = Math.max(end, endOfClusters(await readAt(file, offset, clusterBytes), index * guestBytesPerTable, layout));
  }
  return end;
}

/**
 * Where the last of the clusters that a second-level table names ends; of the disk's last cluster only the disk's part
 * counts.
 */
function endOfClusters(table: Buffer, guestStart: number, layout: Layout): number {
  const entryBytes = layout.isExtended ? 16 : 8;
  let end = 0;
  for (
    let at = 0, guest = guestStart;
    at + entryBytes <= table.length;
    at += entryBytes, guest += layout.clusterBytes
  ) {
    const high = table.readUInt32BE(at);
    const low = table.readUInt32BE(at + 4);
    if (high === 0 && low < sectorBytes) continue;
    if ((high & 0x4000_0000) !== 0) end = Math.max(end, endOfCompressed(high, low, layout.clusterBits));
    else end = Math.max(end, offsetIn(table, at) + Math.min(usedOf(table, at, layout), layout.virtualBytes - guest));
  }
  return end;
}

/** Bytes of a cluster that stand for something, from its beginning: none of one that reads as zeros. */
function usedOf(table: Buffer, at: number, { clusterBytes, isExtended }: Layout): number {
  if (!isExtended) return (table.readUInt8(at + 7) & 1) === 0 && offsetIn(table, at) !== 0 ? clusterBytes : -Infinity;
  const allocated = table.readUInt32BE(at + 12);
  return allocated === 0 ? -Infinity : (subclusters - Math.clz32(allocated)) * (clusterBytes / subclusters);
}

/** In whole sectors, as QEMU fills the last one up when it ends. */
function endOfCompressed(high: number, low: number, clusterBits: number): number {
  const offsetBits = BigInt(62 - (clusterBits - 8));
  const entry = (BigInt(high & 0x3fff_ffff) << 32n) | BigInt(low);
  const offset = Number(entry & ((1n << offsetBits) - 1n));
  return (Math.floor(offset / sectorBytes) + Number(entry >> offsetBits) + 1) * sectorBytes;
}

function layoutOf(head: Buffer): Layout {
  const clusterBits = head.readUInt32BE(20);
  const isExtended = head.readUInt32BE(4) === 3 && (head.readBigUInt64BE(72) & (1n << 4n)) !== 0n;
  return { clusterBits, clusterBytes: 2 ** clusterBits, virtualBytes: Number(head.readBigUInt64BE(24)), isExtended };
}

/** Bits 9 to 55 of an entry. */
function offsetIn(table: Buffer, at: number): number {
  return (
    (table.readUInt32BE(at) & 0x00ff_ffff) * 2 ** 32 +
    Math.floor(table.readUInt32BE(at + 4) / sectorBytes) * sectorBytes
  );
}

/** Whole entries; less where the file ends before. */
async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  return buffer.subarray(0, bytesRead - (bytesRead % 8));
}
