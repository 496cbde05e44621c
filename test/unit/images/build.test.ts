// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { fileMode, packCpio, programMode } from '../../../native-helper/images/build/cpio.ts';
import { neededLibraries } from '../../../native-helper/images/build/elf.ts';
import { bootSector, coreImage } from '../../../native-helper/images/build/grub-sectors.ts';
import { parseList } from '../../../native-helper/images/build/guest-files.ts';
import { loadOrder, parseModulesDep } from '../../../native-helper/images/build/kernel-modules.ts';
import { toSourceLines } from '../../../native-helper/images/build/package-sources.ts';
import { convertedFraction } from '../../../native-helper/images/convert/convert.ts';

describe('packCpio', () => {
  it('pads names and data to four bytes and ends with the trailer', () => {
    const archive = packCpio([
      { path: 'a', mode: fileMode, data: Buffer.from('hello') },
      { path: 'bin/sh', mode: programMode },
    ]);
    expect(archive.length % 4).toBe(0);
    expect(archive.toString('latin1', 0, 6)).toBe('070701');
    expect(archive.toString('latin1', 14, 22)).toBe(fileMode.toString(16).padStart(8, '0'));
    expect(archive.toString('latin1', 112, 117)).toBe('hello');
    expect(archive.toString('latin1', 120, 126)).toBe('070701');
    expect(archive.toString('latin1')).toContain('TRAILER!!!');
  });
});

describe('kernel modules', () => {
  const index = parseModulesDep(
    'kernel/a/virtio-blk.ko: kernel/b/virtio_ring.ko kernel/b/virtio.ko\nkernel/b/virtio_ring.ko: kernel/b/virtio.ko\nkernel/b/virtio.ko:\n',
  );

  it('loads what a module needs before it, each once', () => {
    expect(loadOrder(index, ['virtio_ring', 'virtio_blk', 'built_in'])).toEqual([
      'kernel/b/virtio.ko',
      'kernel/b/virtio_ring.ko',
      'kernel/a/virtio-blk.ko',
    ]);
  });
});

describe('toSourceLines', () => {
  it('keeps the release and its updates, once each', () => {
    const lines = toSourceLines(
      'http://m/d/ bookworm main\nhttp://m/d/ bookworm main\nhttp://m/d/ bookworm-updates main\nhttp://o/ nodistro main\n',
    );
    expect(lines).toBe('deb http://m/d/ bookworm main\ndeb http://m/d/ bookworm-updates main\n');
  });

  it('leaves another distribution to the default mirror', () => {
    expect(toSourceLines('http://m/ubuntu/ noble main\n')).toBeUndefined();
  });
});

describe('GRUB sectors', () => {
  it('keep the partition table and point at the core image', () => {
    const present = Buffer.alloc(512, 7);
    const sector = bootSector(Buffer.alloc(512, 1), present, 2048);
    expect(sector.readBigUInt64LE(0x5c)).toBe(2048n);
    expect(sector.subarray(440)).toEqual(present.subarray(440));
    expect(sector[439]).toBe(1);
  });

  it('fill in the block list of the core image, and refuse one that is too long', () => {
    const image = coreImage(Buffer.alloc(1000), { start: 2048, sectors: 4 });
    expect(image.length).toBe(1024);
    expect([image.readBigUInt64LE(0x1f4), image.readUInt16LE(0x1fc), image.readUInt16LE(0x1fe)]).toEqual([
      2049n,
      1,
      0x820,
    ]);
    expect(() => coreImage(Buffer.alloc(5 * 512), { start: 2048, sectors: 4 })).toThrow(
      expect.objectContaining({ code: 'image.build-failed' }) as Error,
    );
  });
});

describe('small readers', () => {
  it('take no library from what is no ELF file', () => {
    expect(neededLibraries(Buffer.from('#!/bin/sh\n'))).toEqual([]);
    expect(neededLibraries(Buffer.alloc(0))).toEqual([]);
  });

  it('skip comments and blank lines of a list', () => {
    expect(parseList('# about\n\n one \ntwo\n')).toEqual(['one', 'two']);
  });

  it('read the newest figure of qemu-img', () => {
    expect(convertedFraction('    (0.00/100%)\r    (37.52/100%)\r')).toBeCloseTo(0.3752);
    expect(convertedFraction('nothing')).toBeUndefined();
  });
});
