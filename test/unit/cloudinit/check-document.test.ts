// SPDX-License-Identifier: MIT
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkDocument, type DocumentReport } from '../../../native-helper/cloudinit/check/check-document.ts';

const check = (document: string | Buffer): DocumentReport => checkDocument(Buffer.from(document));

describe('what cloud-init would ignore is refused in words', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /empty/],
    ['blanks', '  \n', /empty/],
    ['no header', 'packages: [git]\n', /first line must say what it is/],
    ['MIME without its version', 'Content-Type: text/cloud-config\n\n#cloud-config\n', /first line/],
    ['a byte order mark', '\uFEFF#cloud-config\na: 1\n', /byte order mark/],
    ['UTF-16', Buffer.from('#cloud-config\na: 1\n', 'utf16le'), /binary/],
    ['an executable', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), /binary/],
    ['gzip that ends early', gzipSync('#cloud-config\na: 1\n').subarray(0, 20), /cannot be unpacked/],
    ['gzip of nothing', gzipSync('hello\n'), /first line/],
    ['gzip of gzip', gzipSync(gzipSync('#cloud-config\n')), /packed twice/],
    ['gzip without end', gzipSync(Buffer.alloc(9 * 1024 * 1024)), /more than 8388608 bytes/],
    ['a list', '#cloud-config\n- a list\n', /not a mapping/],
    ['what is not closed', '#cloud-config\na: [unclosed\n', /line 3/],
    ['words', '#cloud-config\njust words\n', /not a mapping/],
    ['two documents', '#cloud-config\na: 1\n---\nb: 2\n', /line 3: a second document begins here/],
    ['Latin-1', Buffer.from('#cloud-config\na: \u00e9\n', 'latin1'), /not UTF-8/],
    ['a control character', '#cloud-config\na: "\u0007"\n', /line 2: the character U\+0007/],
  ])('%s', (_, document, reason) => {
    expect(() => check(document)).toThrow(reason);
  });
});

test.each([
  '#cloud-config\n',
  '\n#Cloud-Config\na: 1\n',
  '#cloud-config # mine\na: 1\n',
  '#cloud-config\r\na: 1\r\n',
  '#cloud-config\nusers: all\n',
  '#cloud-config\nusers: { ada: {} }\n',
  '#cloud-config-archive\n- "#!/bin/sh"\n',
  '#cloud-boothook\n#!/bin/sh\n',
  '#include\nhttps://example.org\n',
  '#include-once\nhttps://example.org\n',
  '## template: jinja\n#cloud-config\n{% if a %}\n',
])('%j is taken', (document) => {
  expect(check(document)).toMatchObject({ keepsVendorDataOut: false });
});

test('a script that is not UTF-8 is taken, with a warning: cloud-init writes none', () => {
  expect(check(Buffer.from('#!/bin/sh\necho \u00e9\n', 'latin1')).warnings).toEqual([
    expect.stringContaining('not UTF-8'),
  ]);
  expect(check('#!/bin/sh\necho \u00e9\n').warnings).toEqual([]);
});

test('a key that is there twice is warned of, with its line', () => {
  expect(check('#cloud-config\npackages: [a]\nx-b: {c: 1, c: 2}\npackages: [b]\n').warnings).toEqual([
    'Line 4: "packages" is there twice; the later one counts.',
    'Line 3: "c" is there twice; the later one counts.',
  ]);
});

describe('a cloud-config beyond all bounds is refused', () => {
  const bomb = `#cloud-config\na0: &a0 [x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 9 }, () => `*a${n}`).join()}]`).join('\n')}\n`;
  test.each([
    [
      '33,000 keys',
      `#cloud-config\n${Array.from({ length: 33_000 }, (_, n) => `k${n}: 1`).join('\n')}\n`,
      /more than 20000 values/,
    ],
    ['an alias bomb', bomb, /more than 200 aliases/],
    ['nesting, in brackets', `#cloud-config\na: ${'['.repeat(1000)}${']'.repeat(1000)}\n`, /64 levels/],
    ['nesting, in dashes', `#cloud-config\na:\n ${'- '.repeat(1000)}x\n`, /64 levels/],
  ])('%s', (_, document, reason) => {
    expect(() => check(document)).toThrow(reason);
    expect(() => check(gzipSync(document))).toThrow(reason);
  });

  test('one that is only long is not', () => {
    const packages = Array.from({ length: 5000 }, (_, n) => `package-${n}`);
    expect(check(`#cloud-config\npackages: ${JSON.stringify(packages)}\n`).warnings).toEqual([]);
  });
});

describe('what cloud-init takes otherwise than it is meant is warned of, with its line', () => {
  test.each([
    ['pakages_typo: [git]', ['Line 2: pakages_typo is no key that cloud-init knows.']],
    ['runcmd: echo hi', ["Line 2: runcmd must be a list, by cloud-init's schema."]],
    [
      'packages: [git]\n\nwrite_files:\n  - path: /a\n    content: 1\n',
      ["Line 6: write_files.0.content must be string, by cloud-init's schema."],
    ],
    [
      'growpart:\n  mode: auto\n  devise: [/]',
      ["Line 3: growpart must NOT have additional properties (devise), by cloud-init's schema."],
    ],
    [
      'x-base: &base {shell: /bin/sh}\nusers: [{<<: *base, name: ada}]\napt_mirror: http://mirror\noutput: {all: "> /dev/null"}',
      [],
    ],
  ])('%j', (body, warnings) => {
    expect(check(`#cloud-config\n${body}\n`).warnings).toEqual(warnings);
  });
});
