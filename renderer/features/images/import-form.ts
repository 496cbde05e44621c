// SPDX-License-Identifier: MIT
import {
  imageImportParams,
  imageImportUrlParams,
  importFormat,
  type ImageImportParams,
  type ImageImportUrlParams,
  type Packing,
} from '#contract/images.ts';
import { say } from '#messages/say.ts';
import type { PlainTextId } from '#messages/en/index.ts';

/** A format, or that the file itself tells. */
export const formats = ['auto', ...importFormat.options] as const;

/** The import dialog's fields as typed. */
export interface ImportFields {
  readonly path: string;
  readonly format: (typeof formats)[number];
  readonly packing: Packing;
  readonly alias: string;
  readonly defaultUser: string;
  readonly digest: string;
}

export interface ParsedImport {
  readonly params?: ImageImportParams | ImageImportUrlParams;
  readonly errors: Readonly<Partial<Record<keyof ImportFields, string>>>;
}

const ownWords: Readonly<Partial<Record<keyof ImportFields, PlainTextId>>> = {
  digest: 'images.not-a-digest',
  defaultUser: 'images.not-a-user',
};

const fieldNames: Readonly<Record<string, keyof ImportFields>> = { url: 'path', sha256: 'digest', sha512: 'digest' };

/** Whether the image is fetched from a server. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place.trim());
}

/** Checks by the contract's schema; a field that is still blank has no error, but nothing can be sent. */
export function parseImportForm(fields: ImportFields): ParsedImport {
  const place = fields.path.trim();
  const schema = isUrl(place) ? imageImportUrlParams : imageImportParams;
  const result = schema.safeParse({
    ...(isUrl(place) ? { url: place } : { path: place }),
    ...(fields.format === 'auto' ? {} : { format: fields.format }),
    ...(fields.packing === 'none' ? {} : { packing: fields.packing }),
    alias: fields.alias.trim(),
    ...(fields.defaultUser.trim() === '' ? {} : { defaultUser: fields.defaultUser.trim() }),
    ...digestOf(fields),
  });
  if (result.success) return { params: result.data, errors: {} };
  const errors: Partial<Record<keyof ImportFields, string>> = {};
  for (const issue of result.error.issues) {
    const field = fieldNames[String(issue.path[0])] ?? (issue.path[0] as keyof ImportFields);
    if (fields[field] !== '') errors[field] ??= wordsOf(field, issue.message);
  }
  return { errors };
}

function wordsOf(field: keyof ImportFields, otherwise: string): string {
  const id = ownWords[field];
  return id === undefined ? otherwise : say(id);
}

/** Publishers tell either of an image that is fetched; a file's sha256 is what sha256sum says. */
function digestOf({ digest, path }: ImportFields): object {
  const hex = digest.trim().toLowerCase();
  if (hex === '') return {};
  return isUrl(path) && hex.length === 128 ? { sha512: hex } : { sha256: hex };
}

/** Another path, and what its name suggests unless the person gave an alias already. */
export function withPath(fields: ImportFields, path: string): ImportFields {
  const isOwnAlias = fields.alias !== '' && fields.alias !== suggestFrom(fields.path).alias;
  return { ...fields, path, ...(isOwnAlias ? {} : { packing: 'none', ...suggestFrom(path) }) };
}

/** What a file's name suggests: its format and an alias. */
export function suggestFrom(path: string): Partial<Pick<ImportFields, 'format' | 'packing' | 'alias'>> {
  const file = (isUrl(path) ? path.replace(/[?#].*$/, '') : path).split('/').at(-1) ?? '';
  const packing = /\.(xz|zst|gz|bz2)$/i.exec(file)?.[1]?.toLowerCase() as Packing | undefined;
  const inner = packing === undefined ? file : file.slice(0, -packing.length - 1);
  const alias = inner
    .replace(/\.(?:qcow2|img|raw|qcow|vmdk|vdi|vhdx)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9.+_-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64);
  const format = /\.(qcow2?|raw|vmdk|vdi|vhdx)$/i.exec(inner)?.[1]?.toLowerCase();
  return {
    ...(alias === '' ? {} : { alias }),
    ...(packing === undefined ? {} : { packing }),
    ...(format === undefined ? {} : { format: (format === 'qcow' ? 'qcow2' : format) as ImportFields['format'] }),
  };
}
