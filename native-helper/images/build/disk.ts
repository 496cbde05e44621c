// SPDX-License-Identifier: MIT
import { open, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mebibyte } from '#contract/units.ts';
import { runStep, type BuildContext } from './build-step.ts';
import { bootSector, coreImage } from './grub-sectors.ts';

interface DiskOptions {
  /** The root file system's content. */
  readonly root: string;
  readonly label: string;
  readonly sizeBytes: number;
  /** Scratch directory of the build. */
  readonly work: string;
  readonly path: string;
}

const sectorBytes = 512;
/** The layout of the distributions' cloud images: root is partition 1 and last, so that it can grow. */
const biosBoot = { start: 2048, sectors: 2048 };
const efiSystem = { start: 4096, sectors: 12288 };
const rootStart = 16384;
const grubDirectory = '/usr/lib/grub';
const grubModules = [
  'part_gpt',
  'ext2',
  'search',
  'search_label',
  'configfile',
  'normal',
  'linux',
  'serial',
  'terminal',
  'echo',
  'test',
  'boot',
  'all_video',
  'gzio',
  'regexp',
];

/**
 * Writes a raw disk that starts by BIOS and by UEFI, without a loop device or a mount: the file
 * system is filled by `mke2fs -d`, the EFI partition by mtools, GRUB's images by grub-mkimage.
 */
export async function writeDisk(context: BuildContext, options: DiskOptions): Promise<void> {
  await writeFile(options.path, '');
  await truncate(options.path, options.sizeBytes);
  const rootSectors = options.sizeBytes / sectorBytes - rootStart - mebibyte / sectorBytes;
  await runStep(context, 'sfdisk', ['-q', options.path], {
    input: [
      'label: gpt',
      `14: start=${biosBoot.start}, size=${biosBoot.sectors}, type=21686148-6449-6E6F-744E-656564454649`,
      `15: start=${efiSystem.start}, size=${efiSystem.sectors}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B`,
      `1: start=${rootStart}, size=${rootSectors}, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709`,
      '',
    ].join('\n'),
  });
  context.report({ step: 'file system' });
  await runStep(context, 'mke2fs', [
    '-q',
    '-t',
    'ext4',
    '-b',
    '4096',
    '-L',
    options.label,
    '-m',
    '1',
    '-O',
    '^metadata_csum_seed',
    '-E',
    `offset=${rootStart * sectorBytes},lazy_itable_init=1,nodiscard,root_owner=0:0`,
    '-d',
    options.root,
    options.path,
    `${Math.floor((rootSectors * sectorBytes) / 1024)}k`,
  ]);
  context.report({ step: 'boot loader' });
  await installGrub(context, options);
}

async function installGrub(context: BuildContext, options: DiskOptions): Promise<void> {
  const early = path.join(options.work, 'grub-early.cfg');
  const core = path.join(options.work, 'core.img');
  const efi = path.join(options.work, 'bootx64.efi');
  await writeFile(
    early,
    `search --no-floppy --label ${options.label} --set=root\nset prefix=($root)/boot/grub\nconfigfile /boot/grub/grub.cfg\n`,
  );
  await runStep(context, 'grub-mkimage', [
    '-d',
    `${grubDirectory}/i386-pc`,
    '-O',
    'i386-pc',
    '-p',
    '/boot/grub',
    '-c',
    early,
    '-o',
    core,
    'biosdisk',
    ...grubModules,
  ]);
  await runStep(context, 'grub-mkimage', [
    '-d',
    `${grubDirectory}/x86_64-efi`,
    '-O',
    'x86_64-efi',
    '-p',
    '/boot/grub',
    '-c',
    early,
    '-o',
    efi,
    'efi_gop',
    ...grubModules,
  ]);

  const disk = await open(options.path, 'r+');
  try {
    const sector = Buffer.alloc(sectorBytes);
    await disk.read(sector, 0, sectorBytes, 0);
    await disk.write(
      bootSector(await readFile(`${grubDirectory}/i386-pc/boot.img`), sector, biosBoot.start),
      0,
      sectorBytes,
      0,
    );
    const image = coreImage(await readFile(core), biosBoot);
    await disk.write(image, 0, image.length, biosBoot.start * sectorBytes);
  } finally {
    await disk.close();
  }

  const partition = `${options.path}@@${efiSystem.start * sectorBytes}`;
  const env = { MTOOLS_SKIP_CHECK: '1' };
  await runStep(
    context,
    'mformat',
    ['-i', partition, '-T', String(efiSystem.sectors), '-h', '16', '-s', '32', '-v', 'ESP', '::'],
    { env },
  );
  await runStep(context, 'mmd', ['-i', partition, '::/EFI', '::/EFI/BOOT'], { env });
  await runStep(context, 'mcopy', ['-i', partition, efi, '::/EFI/BOOT/BOOTX64.EFI'], { env });
}
