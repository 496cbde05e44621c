// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { prepareUserData, userDataKind, whyIgnored } from '#contract/user-data.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (of: Uint8Array): string => Buffer.from(of).toString();

test.each([
  ['#cloud-config\n', 'cloud-config'],
  ['\n \t#CLOUD-config # mine\n', 'cloud-config'],
  ['#cloud-config-archive\n', 'archive'],
  ['#cloud-config-jsonp\n', 'patch'],
  ['#!/bin/sh\n', 'script'],
  ['#cloud-boothook\n', 'boothook'],
  ['#include-once\n', 'include'],
  ['#part-handler\n', 'part-handler'],
  ['## template: jinja\n', 'jinja'],
  ['From x\nMime-Version: 1.0\n', 'mime'],
  ['\u001f\u008b', undefined],
  ['# cloud-config\n', undefined],
  ['a: 1\n', undefined],
  ['', undefined],
])('%j is %s', (document, kind) => {
  expect(userDataKind(bytes(document))).toBe(kind);
});

test('gzip is known by its first bytes', () => {
  expect(userDataKind(Uint8Array.of(0x1f, 0x8b, 8))).toBe('gzip');
});

test.each(['packages: [git]\n', '# a comment\n---\nusers:\n  - ada\n', '"quoted key": 1\n', 'runcmd:\r\n- ls\r\n'])(
  '%j gets its header, and it is said',
  (document) => {
    const { bytes: prepared, notes } = prepareUserData(bytes(document));
    expect(text(prepared)).toBe(`#cloud-config\n${document}`);
    expect(notes).toHaveLength(1);
    expect(whyIgnored(prepared)).toBeUndefined();
  },
);

test('a byte order mark goes, and it is said', () => {
  const { bytes: prepared, notes } = prepareUserData(bytes('\uFEFF#cloud-config\r\na: 1\r\n'));
  expect(text(prepared)).toBe('#cloud-config\r\na: 1\r\n');
  expect(notes).toHaveLength(1);
});

test.each([
  '#cloud-config\na: 1',
  '#!/bin/sh\n',
  'hello world\n',
  'http://example.org\n',
  '',
  '\u0000a: 1\n',
  '{"a": 1}\n',
])('%j stays as it is', (document) => {
  expect(prepareUserData(bytes(document))).toEqual({ bytes: bytes(document), notes: [] });
});
