// SPDX-License-Identifier: MIT
/** Paths as the bytes that they are: Linux allows any byte in a name but NUL and the slash. */
import { isUtf8 } from 'node:buffer';
import { visibleText } from '#contract/visible-text.ts';
import { say } from '#messages/say.ts';
import { CopyError } from './copy-error.ts';

const slash = 0x2f;
/** NAME_MAX of Linux's file systems. */
const longestNameBytes = 255;

export function joinPath(folder: Buffer, name: Buffer): Buffer {
  const needsSlash = folder.length > 0 && folder.at(-1) !== slash;
  return Buffer.concat([folder, ...(needsSlash ? [Buffer.from('/')] : []), name]);
}

/** The last part of a path, without trailing slashes; empty for the root. */
export function baseName(path: Buffer): Buffer {
  const trimmed = withoutTrailingSlashes(path);
  return trimmed.subarray(trimmed.lastIndexOf(slash) + 1);
}

/** What stands before the last part: `.` where nothing does. */
export function parentOf(path: Buffer): Buffer {
  const trimmed = withoutTrailingSlashes(path);
  const at = trimmed.lastIndexOf(slash);
  if (at < 0) return Buffer.from('.');
  return at === 0 ? Buffer.from('/') : withoutTrailingSlashes(trimmed.subarray(0, at));
}

/** Whether a name that another computer gave may be joined to a path. */
export function isPlainName(name: Buffer): boolean {
  return (
    name.length > 0 && !name.includes(slash) && !name.includes(0) && !['.', '..'].includes(name.toString('latin1'))
  );
}

/**
 * A name that another computer gave, as one part of a path: whatever is joined to a folder of ours went through here.
 * @throws CopyError that says what it is
 */
export function plainName(name: Buffer): Buffer {
  if (!isPlainName(name)) throw new CopyError(say('client.copy.name-refused', { name: visibleText(textOfPath(name)) }));
  return name;
}

/** For a map: one string for each sequence of bytes. */
export function keyOf(name: Buffer): string {
  return name.toString('latin1');
}

/** The bytes of a path that came as text. Throws where it cannot be the real one. */
export function pathOfText(text: string): Buffer {
  if (text.includes('\u{FFFD}') || !text.isWellFormed()) throw new Error(say('client.copy.not-utf8'));
  if (text.includes('\0')) throw new Error(say('client.copy.nul'));
  return Buffer.from(text);
}

/** For people: what is no UTF-8 as `\xNN`. */
export function textOfPath(path: Buffer): string {
  if (isUtf8(path)) return path.toString('utf8');
  return Array.from(path, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('');
}

/** `notes.txt` as `notes (2).txt`, cut where it would be too long for a file system. */
export function numberedName(name: Buffer, number: number): Buffer {
  const dot = name.lastIndexOf(0x2e);
  const end = dot > 0 ? dot : name.length;
  const extension = name.subarray(end);
  const tail = Buffer.concat([Buffer.from(` (${number})`), extension]);
  return Buffer.concat([cutName(name.subarray(0, end), Math.max(1, longestNameBytes - tail.length)), tail]).subarray(
    0,
    longestNameBytes,
  );
}

/** Cuts between characters of UTF-8, not within one. */
function cutName(stem: Buffer, mostBytes: number): Buffer {
  if (stem.length <= mostBytes) return stem;
  let end = mostBytes;
  while (end > 1 && (stem[end]! & 0xc0) === 0x80) end -= 1;
  return stem.subarray(0, end);
}

function withoutTrailingSlashes(path: Buffer): Buffer {
  let end = path.length;
  while (end > 1 && path[end - 1] === slash) end -= 1;
  return path.subarray(0, end);
}
