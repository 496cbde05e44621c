// SPDX-License-Identifier: MIT
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
  const refuse = (reason: string): never => {
    throw new HelperError('image.unsupported-format', { path, reason });
  };
  if (head.length < 4 || head.readUInt32BE(0) !== qcow2Magic) return refuse('it is no qcow2 file');
  if (head.length < 8) return refuse('it ends within its header');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) return refuse(`its qcow2 version is ${version}`);
  if (head.length < (version === 2 ? 72 : 104)) return refuse('it ends within its header');
  if (head.readBigUInt64BE(8) !== 0n || head.readUInt32BE(16) !== 0) return refuse('it depends on a backing file');
  if (head.readUInt32BE(32) !== 0) return refuse('it is encrypted');
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

export function checkVirtualSize(bytes: bigint, path: string): number {
  if (bytes === 0n) throw new HelperError('image.unsupported-format', { path, reason: 'its disk has no bytes' });
  if (bytes > BigInt(largestVirtualBytes))
    throw new HelperError('image.unsupported-format', { path, reason: 'its disk is larger than 16 TiB' });
  return Number(bytes);
}

function inspectFeatures(head: Buffer, refuse: (reason: string) => never): void {
  const features = head.readBigUInt64BE(72);
  if ((features & externalDataFile) !== 0n) refuse('its data is in another file');
  if ((features & corruptBit) !== 0n) refuse('it is marked as corrupt');
  if ((features & ~harmlessFeatures) !== 0n) refuse('it has features that are not known');
  const headerBytes = head.readUInt32BE(100);
  if (headerBytes < 104 || headerBytes > head.length || headerBytes % 8 !== 0)
    refuse(`its header claims ${headerBytes} bytes`);
  inspectExtensions(head, headerBytes, refuse);
}

function inspectExtensions(head: Buffer, from: number, refuse: (reason: string) => never): void {
  for (let at = from; at + 8 <= head.length;) {
    const type = head.readUInt32BE(at);
    const bytes = head.readUInt32BE(at + 4);
    if (type === 0) return;
    if (type === dataFileExtension) refuse('its data is in another file');
    if (type === encryptionExtension) refuse('it is encrypted');
    if (at + 8 + bytes > head.length) refuse('a header extension reaches beyond the header');
    at += 8 + Math.ceil(bytes / 8) * 8;
  }
}

/** The tables that qemu-img reads first must lie in the file. */
function inspectTables(
  head: Buffer,
  shape: { readonly virtualBytes: number; readonly fileBytes: number },
  refuse: (reason: string) => never,
): void {
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) refuse(`its clusters have 2^${clusterBits} bytes`);
  const clusterBytes = 2 ** clusterBits;
  const entries = head.readUInt32BE(36);
  if (entries < Math.ceil(shape.virtualBytes / (clusterBytes * (clusterBytes / 8))))
    refuse('its first-level table is too short for its size');
  if (entries * 8 > longestTableBytes) refuse('its first-level table is absurdly long');
  const endOfTable = head.readBigUInt64BE(40) + BigInt(entries * 8);
  const startOfCounts = head.readBigUInt64BE(48);
  if (endOfTable > BigInt(shape.fileBytes) || startOfCounts >= BigInt(shape.fileBytes))
    refuse('it is cut short: its tables lie beyond its end');
}
