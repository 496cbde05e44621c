// SPDX-License-Identifier: MIT
// What cloud-init takes user data for, by its first bytes (cloudinit/handlers/__init__.py and cloudinit/user_data.py).
import { say } from '#messages/say.ts';

/**
 * cloud-init itself has no limit; of the clouds the most generous is Google's with 256 KiB. Twice that fits in one
 * message as base64.
 */
export const largestUserDataBytes = 512 * 1024;

export type UserDataKind =
  | 'cloud-config'
  | 'archive'
  | 'patch'
  | 'script'
  | 'boothook'
  | 'include'
  | 'part-handler'
  | 'jinja'
  | 'mime'
  | 'gzip';

/** In cloud-init's order: of two that fit, the longer counts. */
const headers: readonly (readonly [header: string, kind: UserDataKind])[] = [
  ['#cloud-config-archive', 'archive'],
  ['#cloud-config-jsonp', 'patch'],
  ['## template: jinja', 'jinja'],
  ['#cloud-boothook', 'boothook'],
  ['#include', 'include'],
  ['#cloud-config', 'cloud-config'],
  ['#part-handler', 'part-handler'],
  ['#!', 'script'],
];
/** cloud-init looks no further for `MIME-Version:`. */
const mimeHeadBytes = 4096;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** What cloud-init takes `bytes` for; undefined for what it would pass over without doing anything. */
export function userDataKind(bytes: Uint8Array): UserDataKind | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (asText(bytes.subarray(0, mimeHeadBytes)).toLowerCase().includes('mime-version:')) return 'mime';
  const text = asText(bytes.subarray(firstOfText(bytes)))
    .slice(0, 64)
    .toLowerCase();
  return headers.find(([header]) => text.startsWith(header))?.[1];
}

/** Why cloud-init would do nothing with `bytes`, in words; undefined where it would do something. */
export function whyIgnored(bytes: Uint8Array): string | undefined {
  if (firstOfText(bytes) === bytes.length) return say('user-data.empty');
  if (userDataKind(bytes) !== undefined) return undefined;
  if (beginsWithMark(bytes)) return say('user-data.byte-order-mark');
  if (bytes.includes(0)) return say('user-data.binary');
  return say('user-data.no-header');
}

export interface PreparedUserData {
  readonly bytes: Uint8Array;
  /** What was changed, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * What the user may have meant by a document that cloud-init would ignore: YAML gets its header, a byte order mark
 * goes. Everything else stays as it is.
 */
export function prepareUserData(given: Uint8Array): PreparedUserData {
  const notes: string[] = [];
  let bytes = given;
  if (beginsWithMark(bytes)) {
    bytes = bytes.subarray(byteOrderMark.length);
    notes.push(say('user-data.mark-left-out'));
  }
  if (userDataKind(bytes) === undefined && looksLikeMapping(bytes)) {
    const header = Uint8Array.from('#cloud-config\n', (character) => character.charCodeAt(0));
    const whole = new Uint8Array(header.length + bytes.length);
    whole.set(header);
    whole.set(bytes, header.length);
    bytes = whole;
    notes.push(say('user-data.header-put-before'));
  }
  return { bytes, notes };
}

/** The first line that says something is a key of a mapping. */
function looksLikeMapping(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  const first = asText(bytes)
    .split(/\r?\n/)
    .find((line) => !/^\s*(#|---|%|$)/.test(line));
  return first !== undefined && /^(["']?)[A-Za-z_][\w .-]*\1\s*:(\s|$)/.test(first);
}

function beginsWithMark(bytes: Uint8Array): boolean {
  return byteOrderMark.every((byte, index) => bytes[index] === byte);
}

/** Where the first byte is that Python's str.lstrip leaves. */
function firstOfText(bytes: Uint8Array): number {
  const index = bytes.findIndex(
    (byte) => !(byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f)),
  );
  return index === -1 ? bytes.length : index;
}

/** One character a byte: enough for headers, which are ASCII. */
function asText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
