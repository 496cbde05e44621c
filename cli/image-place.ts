// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { say } from '#messages/say.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

const diskName = /\.(?:img|qcow2|raw|vmdk|vdi|vhdx)(?:\.(?:xz|zst|gz|bz2))?$/i;

/**
 * The file or https URL that a word names, where it names no image: a URL, a path with a `/` at its beginning or behind
 * dots, a file here that is called like a disk. `mia/mine` is an image of a user, and `./mia/mine` a file.
 */
export function imagePlace(word: string): string | undefined {
  if (/^https?:\/\//i.test(word)) return word;
  if (/^file:/i.test(word)) return pathOfUrl(word);
  return /^\.{0,2}\//.test(word) || (diskName.test(word) && existsSync(word)) ? word : undefined;
}

/**
 * A name for the image of a place: the file's own, without what tells its format, in the letters that an alias may
 * have.
 */
export function aliasOfPlace(place: string): string {
  const file =
    decoded(place.replace(/[?#].*$/, ''))
      .split('/')
      .at(-1) ?? '';
  const name = file
    .replace(diskName, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9.+_-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60)
    .replace(/[^a-z0-9]+$/, '');
  return name === '' ? 'image' : name;
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new CliError(say('cli.image-name.no-file', { url }), exitCodes.usage, say('cli.image-name.no-file-hint'));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % of a file's own
  }
}
