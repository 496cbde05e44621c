// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';
import { checkVirtualSize, type DiskShape } from './qcow2-header.ts';

const magic = 0xbeda107f;
/** Image types of VirtualBox: 1 grows, 2 has all its blocks. 4 is the difference to another file. */
const standAlone = [1, 2];

/**
 * Reads a VDI header (block/vdi.c of QEMU).
 * @throws HelperError image.unsupported-format
 */
export function inspectVdi(head: Buffer, fileBytes: number, path: string): DiskShape {
  const refuse = (reason: Sentence): never => {
    throw new HelperError('image.unsupported-format', { path, reason });
  };
  if (head.length < 512 || head.readUInt32LE(64) !== magic) return refuse(sentence('image.no-vdi'));
  if (head.readUInt32LE(68) !== 0x0001_0001) return refuse(sentence('image.vdi-version'));
  if (!standAlone.includes(head.readUInt32LE(76))) return refuse(sentence('image.another-file'));
  const offsetOfData = head.readUInt32LE(344);
  const virtualBytes = checkVirtualSize(head.readBigUInt64LE(368), path);
  const blockBytes = head.readUInt32LE(376);
  const blocks = head.readUInt32LE(388);
  if (blockBytes === 0 || head.readUInt32LE(384) * blockBytes < virtualBytes)
    return refuse(sentence('image.block-map-too-short'));
  if (!isZero(head.subarray(424, 456))) return refuse(sentence('image.another-file'));
  if (offsetOfData + blocks * blockBytes > fileBytes) return refuse(sentence('image.cut-short'));
  return { virtualBytes };
}

function isZero(part: Buffer): boolean {
  return part.every((byte) => byte === 0);
}
