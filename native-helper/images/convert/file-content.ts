// SPDX-License-Identifier: MIT
import type { ImportFormat, Packing } from '#contract/images.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';

interface Kind {
  /** With its article. */
  readonly name: Sentence;
  readonly wayOut: Sentence;
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
    reason: sentence('image.other-format', { name: found.name, format, wayOut: found.wayOut }),
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
      reason: sentence('image.no-disk', { name: found.name, wayOut: found.wayOut }),
    });
  if (head.length === 0) throw new HelperError('image.unsupported-format', { path, reason: sentence('image.empty') });
  if (hasBootSector(head)) return 'raw';
  throw new HelperError('image.unsupported-format', {
    path,
    reason: sentence('image.unknown-format'),
  });
}

/** The mark at the end of the first sector, which a disk with a GPT has too (UEFI specification, 5.2.1). */
const hasBootSector = (head: Buffer): boolean => head.length >= 512 && head.readUInt16BE(510) === 0x55aa;

/** ISO 9660 begins behind sixteen sectors that are whoever's, of a hybrid image a boot sector too. */
const isoOffset = 16 * 2048 + 1;
const convertFirst = sentence('image.convert-first');
const unpackFirst = sentence('image.unpack-first');

const kinds: readonly Kind[] = [
  importable(sentence('image.a-qcow2-file'), 'qcow2', begins('514649fb')),
  importable(sentence('image.a-vmdk-file'), 'vmdk', begins(hex('KDMV'))),
  { name: sentence('image.a-vmdk-file'), wayOut: convertFirst, fits: begins(hex('COWD')) },
  {
    name: sentence('image.a-vmdk-descriptor'),
    wayOut: convertFirst,
    format: 'vmdk',
    fits: begins(hex('# Disk DescriptorFile')),
  },
  importable(sentence('image.a-vdi-file'), 'vdi', begins('7f10dabe', 64)),
  importable(sentence('image.a-vhdx-file'), 'vhdx', begins(hex('vhdxfile'))),
  { name: sentence('image.a-vhd-file'), wayOut: convertFirst, fits: begins(hex('conectix')) },
  { name: sentence('image.a-qed-file'), wayOut: convertFirst, fits: begins(hex('QED\0')) },
  { name: sentence('image.a-luks-volume'), wayOut: sentence('image.decrypt-first'), fits: begins('4c554b53babe') },
  packed(sentence('image.a-gzip-file'), 'gz', '1f8b'),
  packed(sentence('image.an-xz-file'), 'xz', 'fd377a585a00'),
  packed(sentence('image.a-zstd-file'), 'zst', '28b52ffd'),
  packed(sentence('image.a-bzip2-file'), 'bz2', hex('BZh')),
  { name: sentence('image.a-zip-archive'), wayOut: unpackFirst, fits: begins(hex('PK\x03\x04')) },
  { name: sentence('image.a-7z-archive'), wayOut: unpackFirst, fits: begins('377abcaf271c') },
  {
    name: sentence('image.an-ova-appliance'),
    wayOut: sentence('image.take-disk-out'),
    fits: (head) => isTar(head) && firstNameIn(head).endsWith('.ovf'),
  },
  { name: sentence('image.a-tar-archive'), wayOut: unpackFirst, fits: isTar },
  {
    name: sentence('image.an-iso-image'),
    wayOut: sentence('image.import-installed-disk'),
    fits: begins(hex('CD001'), isoOffset),
  },
  {
    name: sentence('image.a-web-page'),
    wayOut: sentence('image.fetch-itself'),
    fits: (head) => isText(head) && /^\s*<(?:!doctype html|html)\b/i.test(head.toString('latin1', 0, 1024)),
  },
  { name: sentence('image.text'), wayOut: sentence('image.name-itself'), fits: isText },
];

function importable(name: Sentence, format: ImportFormat, fits: Kind['fits']): Kind {
  return { name, format, wayOut: sentence('image.import-with-format', { format }), fits };
}

function packed(name: Sentence, packing: Packing, magic: string): Kind {
  return { name, packing, wayOut: sentence('image.say-it-is-packed', { packing }), fits: begins(magic) };
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
