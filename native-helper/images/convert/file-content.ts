// SPDX-License-Identifier: MIT
import type { ImportFormat, Packing } from '#contract/images.ts';
import { HelperError } from '../../core/errors.ts';

interface Kind {
  /** With its article. */
  readonly name: string;
  readonly wayOut: string;
  /** Where it can be imported as it is. */
  readonly format?: ImportFormat;
  /** Where it can be unpacked. */
  readonly packing?: Packing;
  fits(head: Buffer): boolean;
}

/**
 * Checks that a file is of the kind that was said. A file of another kind given as raw would be copied as if what it
 * begins with were a disk's first sector. Whether a file of a format is sound is for that format's own look.
 * @param head the file's first 64 KiB, or all of a shorter one
 * @throws HelperError image.unsupported-format
 */
export function requireKind(head: Buffer, format: ImportFormat, path: string): void {
  const found = kinds.find((kind) => kind.fits(head));
  if (found === undefined || found.format === format) return;
  throw new HelperError('image.unsupported-format', {
    path,
    reason: `it is ${found.name}, not a ${format} disk; ${found.wayOut}`,
  });
}

/** How a file is packed, by its first bytes. */
export function packingOf(head: Buffer): Packing {
  return kinds.find((kind) => kind.fits(head))?.packing ?? 'none';
}

/**
 * The format of a disk that nobody said. Raw is only what has a boot sector and is nothing else: of the rest nobody can
 * say that it is a disk.
 * @param head as for {@link requireKind}
 * @throws HelperError image.unsupported-format
 */
export function formatOf(head: Buffer, path: string): ImportFormat {
  const found = kinds.find((kind) => kind.fits(head));
  if (found?.format !== undefined) return found.format;
  if (found !== undefined)
    throw new HelperError('image.unsupported-format', {
      path,
      reason: `it is ${found.name}, not a disk; ${found.wayOut}`,
    });
  if (head.length === 0) throw new HelperError('image.unsupported-format', { path, reason: 'it is empty' });
  if (hasBootSector(head)) return 'raw';
  throw new HelperError('image.unsupported-format', {
    path,
    reason:
      'it is no disk of a known format; if it is a plain disk all the same, say that its format is raw (--format raw)',
  });
}

/** The mark at the end of the first sector, which a disk with a GPT has too (UEFI specification, 5.2.1). */
const hasBootSector = (head: Buffer): boolean => head.length >= 512 && head.readUInt16BE(510) === 0x55aa;

/** ISO 9660 begins behind sixteen sectors that are whoever's, of a hybrid image a boot sector too. */
const isoOffset = 16 * 2048 + 1;
const convertFirst = 'convert it with "qemu-img convert -O qcow2" and import that';
const unpackFirst = 'unpack it and import the disk that is in it';

const kinds: readonly Kind[] = [
  importable('a qcow2 file', 'qcow2', begins('514649fb')),
  importable('a VMDK file', 'vmdk', begins(hex('KDMV'))),
  { name: 'a VMDK file', wayOut: convertFirst, fits: begins(hex('COWD')) },
  { name: 'a VMDK descriptor', wayOut: convertFirst, format: 'vmdk', fits: begins(hex('# Disk DescriptorFile')) },
  importable('a VDI file', 'vdi', begins('7f10dabe', 64)),
  importable('a VHDX file', 'vhdx', begins(hex('vhdxfile'))),
  { name: 'a VHD file', wayOut: convertFirst, fits: begins(hex('conectix')) },
  { name: 'a QED file', wayOut: convertFirst, fits: begins(hex('QED\0')) },
  { name: 'an encrypted LUKS volume', wayOut: 'decrypt it first', fits: begins('4c554b53babe') },
  packed('a gzip file', 'gz', '1f8b'),
  packed('an xz file', 'xz', 'fd377a585a00'),
  packed('a zstd file', 'zst', '28b52ffd'),
  packed('a bzip2 file', 'bz2', hex('BZh')),
  { name: 'a zip archive', wayOut: unpackFirst, fits: begins(hex('PK\x03\x04')) },
  { name: 'a 7z archive', wayOut: unpackFirst, fits: begins('377abcaf271c') },
  {
    name: 'an OVA appliance',
    wayOut: 'take the disk out of it with tar -xf and import that',
    fits: (head) => isTar(head) && firstNameIn(head).endsWith('.ovf'),
  },
  { name: 'a tar archive', wayOut: unpackFirst, fits: isTar },
  {
    name: 'an ISO image (of a CD or DVD)',
    wayOut: 'it installs a system; import the disk that it was installed on',
    fits: begins(hex('CD001'), isoOffset),
  },
  {
    name: 'a web page',
    wayOut: 'fetch the image itself',
    fits: (head) => isText(head) && /^\s*<(?:!doctype html|html)\b/i.test(head.toString('latin1', 0, 1024)),
  },
  { name: 'text', wayOut: 'name the image itself', fits: isText },
];

function importable(name: string, format: ImportFormat, fits: Kind['fits']): Kind {
  return { name, format, wayOut: `import it with the format ${format}`, fits };
}

function packed(name: string, packing: Packing, magic: string): Kind {
  return { name, packing, wayOut: `say that it is packed (${packing})`, fits: begins(magic) };
}

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

function begins(magic: string, at = 0): Kind['fits'] {
  const bytes = Buffer.from(magic, 'hex');
  return (head) => head.subarray(at, at + bytes.length).equals(bytes);
}

/** By the sum of the first header, which every tar has had: its own field counts as blanks (tar(5)). */
function isTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  const said = Number.parseInt(head.toString('latin1', 148, 156).replace(/[ \0]+$/, ''), 8);
  const bytes = head.subarray(0, 512);
  return said === bytes.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function firstNameIn(head: Buffer): string {
  return head
    .toString('latin1', 0, 100)
    .replace(/\0[^]*$/, '')
    .toLowerCase();
}

/** How much of a file is seen. */
const headBytes = 64 * 1024;

/** No disk begins with so many bytes of which each is a letter's; a disk that was filled with a word has no lines. */
function isText(head: Buffer): boolean {
  if (
    head.length === 0 ||
    (head.length >= headBytes && !head.includes('\n')) ||
    head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b))
  )
    return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }); // the last letter may be cut
    return true;
  } catch {
    return false;
  }
}
