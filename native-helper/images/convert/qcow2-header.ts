// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';

/** How much of a file {@link inspectQcow2} needs to see: a header with its extensions fills one cluster at most. */
export const inspectedBytes = 64 * 1024;
/** The same limit as for an instance's disk. */
const largestVirtualBytes = 16 * 1024 ** 4;
/** QEMU's own limit (QCOW_MAX_L1_SIZE). */
const longestTableBytes = 32 * 1024 ** 2;
const qcow2Magic = 0x514649fb;
const externalDataFile = 1n << 2n;
const corruptBit = 1n << 1n;
/** Incompatible features that a plain stand-alone image may have: dirty, compression type, extended L2. */
const harmlessFeatures = (1n << 0n) | (1n << 3n) | (1n << 4n);
const dataFileExtension = 0x44415441;
const encryptionExtension = 0x0537be77;

export interface DiskShape {
  readonly virtualBytes: number;
}

/**
 * Reads a qcow2 header (docs/interop/qcow2.txt of QEMU) before any other program sees the file.
 * Refused is whatever reaches outside the file or cannot be an honest disk: a backing file would let
 * an image name any file of the host that qemu-img may read.
 * @param head the file's first {@link inspectedBytes}, or all of a shorter one
 * @throws HelperError image.unsupported-format
 */
export function inspectQcow2(head: Buffer, fileBytes: number, path: string): DiskShape {
  const refuse = (reason: Sentence): never => {
    throw new HelperError('image.unsupported-format', { path, reason });
  };
  if (head.length < 4 || head.readUInt32BE(0) !== qcow2Magic) return refuse(sentence('image.no-qcow2'));
  if (head.length < 8) return refuse(sentence('image.ends-within-header'));
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return refuse(sentence('image.qcow2-version', { version }));
  if (head.length < (version === 2 ? 72 : 104)) return refuse(sentence('image.ends-within-header'));
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0) return refuse(sentence('image.backing-file'));
  if (head.readUInt32BE(32) !== 0) return refuse(sentence('image.encrypted'));
  const virtualBytes = checkVirtualSize(head.readBigUInt64BE(24), path);
  if (version === 3) inspectFeatures(head, refuse);
  inspectTables(head, { virtualBytes, fileBytes }, refuse);
  return { virtualBytes };
}

/**
 * The name of the file that a qcow2 disk of ours reads through to; undefined where it stands alone or is no qcow2 file.
 */
export function backingNameOf(head: Buffer): string | undefined {
  if (head.length < 72 || head.readUInt32BE(0) !== qcow2Magic) return undefined;
  const offset = Number(head.readBigUInt64BE(8));
  const bytes = head.readUInt32BE(16);
  return offset === 0 || bytes === 0 || offset + bytes > head.length
    ? undefined
    : head.toString('utf8', offset, offset + bytes);
}

/** The size of the disk by its header, whatever wrote that; undefined where it is no qcow2 file. */
export function virtualBytesOf(head: Buffer): number | undefined {
  if (head.length < 32 || head.readUInt32BE(0) !== qcow2Magic) return undefined;
  return Number(head.readBigUInt64BE(24));
}

export function checkVirtualSize(bytes: bigint, path: string): number {
  if (bytes === 0n) throw new HelperError('image.unsupported-format', { path, reason: sentence('image.no-bytes') });
  if (bytes > BigInt(largestVirtualBytes))
    throw new HelperError('image.unsupported-format', { path, reason: sentence('image.too-large') });
  return Number(bytes);
}

function inspectFeatures(head: Buffer, refuse: (reason: Sentence) => never): void {
  const features = head.readBigUInt64BE(72);
  if ((features & externalDataFile) !== 0n) refuse(sentence('image.data-elsewhere'));
  if ((features & corruptBit) !== 0n) refuse(sentence('image.corrupt'));
  if ((features & ~harmlessFeatures) !== 0n) refuse(sentence('image.unknown-features'));
  const headerBytes = head.readUInt32BE(100);
  if (headerBytes < 104 || headerBytes > head.length || headerBytes % 8 !== 0)
    refuse(sentence('image.header-bytes', { bytes: headerBytes }));
  inspectExtensions(head, headerBytes, refuse);
}

function inspectExtensions(head: Buffer, from: number, refuse: (reason: Sentence) => never): void {
  for (let at = from; at + 8 <= head.length;) {
    const type = head.readUInt32BE(at);
    const bytes = head.readUInt32BE(at + 4);
    if (type === 0) return;
    if (type === dataFileExtension) refuse(sentence('image.data-elsewhere'));
    if (type === encryptionExtension) refuse(sentence('image.encrypted'));
    if (at + 8 + bytes > head.length) refuse(sentence('image.extension-beyond-header'));
    at += 8 + Math.ceil(bytes / 8) * 8;
  }
}

/** The tables that qemu-img reads first must lie in the file. */
function inspectTables(
  head: Buffer,
  shape: { readonly virtualBytes: number; readonly fileBytes: number },
  refuse: (reason: Sentence) => never,
): void {
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) refuse(sentence('image.cluster-bytes', { bits: clusterBits }));
  const clusterBytes = 2 ** clusterBits;
  const entries = head.readUInt32BE(36);
  if (entries < Math.ceil(shape.virtualBytes / (clusterBytes * (clusterBytes / 8))))
    refuse(sentence('image.first-table-too-short'));
  if (entries * 8 > longestTableBytes) refuse(sentence('image.first-table-too-long'));
  const endOfTable = head.readBigUInt64BE(40) + BigInt(entries * 8);
  const startOfCounts = head.readBigUInt64BE(48);
  if (endOfTable > BigInt(shape.fileBytes) || startOfCounts >= BigInt(shape.fileBytes))
    refuse(sentence('image.tables-beyond-end'));
}
