// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';

const sectorBytes = 512;

/**
 * GRUB's first sector with the partition table of `present` kept. Offsets are those of
 * grub-core/boot/i386/pc/boot.S: the core image's first sector at 0x5c, the boot drive at 0x64
 * (0xff: as the BIOS says), two jump bytes at 0x66 that only floppies need.
 */
export function bootSector(bootImage: Buffer, present: Buffer, coreStart: number): Buffer {
  const sector = Buffer.from(bootImage.subarray(0, sectorBytes));
  present.copy(sector, 440, 440, sectorBytes);
  sector.writeBigUInt64LE(BigInt(coreStart), 0x5c);
  sector[0x64] = 0xff;
  sector.writeUInt16LE(0x9090, 0x66);
  return sector;
}

/**
 * The core image padded to sectors, its block list filled in: it lies in one run, of which the
 * first sector loads the rest to segment 0x820 (grub-core/boot/i386/pc/diskboot.S).
 * @throws HelperError image.build-failed when it does not fit the partition
 */
export function coreImage(core: Buffer, partition: { readonly start: number; readonly sectors: number }): Buffer {
  const sectors = Math.ceil(core.length / sectorBytes);
  if (sectors > partition.sectors)
    throw new HelperError('image.build-failed', { image: 'disk', reason: sentence('image.grub-too-large') });
  const image = Buffer.alloc(sectors * sectorBytes);
  core.copy(image);
  image.writeBigUInt64LE(BigInt(partition.start + 1), 0x1f4);
  image.writeUInt16LE(sectors - 1, 0x1fc);
  image.writeUInt16LE(0x820, 0x1fe);
  return image;
}
