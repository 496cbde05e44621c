// SPDX-License-Identifier: MIT
// Names and sizes by what defines them: RFC 1123 and 952 for hosts, the limits of instances, paths of Linux.
import { describe, expect, test } from 'vitest';
import { launchParams } from '#contract/instances.ts';
import { guestPath, hostPath, mountAddParams } from '#contract/mounts.ts';
import { fingerprint, imageAlias, instanceName, macAddress, remoteName } from '#contract/names.ts';
import { gibibyte, mebibyte } from '#contract/units.ts';

const letters = (count: number): string => 'a'.repeat(count);

describe('an instance is named like a host: one label that begins with a letter', () => {
  test.each([
    ['a', 'one letter'],
    ['web', 'letters'],
    ['web-1', 'a hyphen inside'],
    ['a1', 'a digit behind'],
    ['a--b', 'two hyphens'],
    ['xn--bcher-kva', 'punycode is letters'],
    ['localhost', 'no word is kept back'],
    ['primary', 'nor this'],
    [letters(40), 'as long as it may be'],
    [`a${'-'.repeat(38)}b`, 'hyphens all along'],
  ])('%s: %s', (name) => {
    expect(instanceName.parse(name)).toBe(name);
  });

  test.each([
    ['', 'nothing'],
    ['-web', 'begins with a hyphen'],
    ['web-', 'ends with one'],
    ['-', 'is one'],
    ['1web', 'begins with a digit'],
    ['42', 'is a number'],
    ['Web', 'has a capital'],
    ['a.b', 'has two labels'],
    ['web.', 'ends with a dot'],
    ['a_b', 'has an underscore'],
    ['a b', 'has a blank'],
    [' a', 'begins with one'],
    ['a\n', 'ends with a newline'],
    ['a\0b', 'has a NUL'],
    ['a/b', 'is a path'],
    ['..', 'is a folder'],
    ['a:b', 'has a colon'],
    ['a@b', 'has an at sign'],
    ['größe', 'has an umlaut'],
    ['日本', 'has no letter of ASCII'],
    ['ａ', 'has a wide letter'],
    ['a\u{301}', 'has an accent of its own'],
    ['$(x)', 'is for a shell'],
    ['*', 'stands for many'],
    [letters(41), 'is too long'],
    [letters(64), 'is longer than a label'],
  ])('not %j: it %s', (name) => {
    expect(instanceName.safeParse(name).success).toBe(false);
  });
});

describe('an image is a word, behind a remote or a user where one is said', () => {
  test.each([
    'tiny',
    'debian-12',
    '24.04',
    '22',
    'lts',
    'a+b',
    'a_b',
    'ubuntu:24.04',
    'ubuntu:lts',
    'daily:n',
    'mia/mine',
    '1001/mine',
    letters(64),
    `r:${letters(64)}`,
  ])('%s', (word) => {
    expect(imageAlias.parse(word)).toBe(word);
  });
  test.each([
    '',
    'Ubuntu',
    'ubuntu:',
    ':24.04',
    'ubuntu::24.04',
    'a:b:c',
    'a/b/c',
    'a:b/c',
    '/mine',
    'mia/',
    '.hidden',
    '-x',
    'x-',
    'x.',
    'a b',
    'https://x.org/a.img',
    'file:///a',
    '../x',
    'x\n',
    '24.04 LTS',
    letters(65),
    '9:x',
    `${letters(33)}:x`,
  ])('not %j', (word) => {
    expect(imageAlias.safeParse(word).success).toBe(false);
  });

  test.each([
    ['ubuntu', true],
    ['my-mirror', true],
    ['r', true],
    [letters(32), true],
    [letters(33), false],
    ['Mirror', false],
    ['m.x', false],
    ['m-', false],
    ['', false],
    ['m:', false],
  ] as const)('a remote %j: %s', (word, isOne) => {
    expect(remoteName.safeParse(word).success).toBe(isOne);
  });

  test('a digest has 64 digits of hex', () => {
    expect(fingerprint.safeParse('0123456789abcdef'.repeat(4)).success).toBe(true);
    for (const text of [
      '0123456789ABCDEF'.repeat(4),
      'a'.repeat(63),
      'a'.repeat(65),
      'g'.repeat(64),
      '',
      `${'a'.repeat(64)}\n`,
      `0x${'a'.repeat(62)}`,
    ])
      expect(fingerprint.safeParse(text).success, text).toBe(false);
  });
});

test.each([
  ['52:54:00:ab:cd:ef', true],
  ['52:54:00:AB:CD:EF', false],
  ['52-54-00-ab-cd-ef', false],
  ['5254.00ab.cdef', false],
  ['52:54:0:ab:cd:ef', false],
  ['52:54:00:ab:cd', false],
  ['52:54:00:ab:cd:ef:01', false],
  ['', false],
] as const)('a hardware address %j: %s', (text, isOne) => {
  expect(macAddress.safeParse(text).success).toBe(isOne);
});

describe('what an instance may have', () => {
  const asked = (more: object): boolean => launchParams.safeParse({ image: 'tiny', ...more }).success;
  test.each([
    ['cpus', [1, 2, 64], [0, -1, 65, 1.5, Number.NaN, '2']],
    [
      'memoryBytes',
      [128 * mebibyte, 512 * mebibyte, gibibyte, 128 * mebibyte + 1, 1024 * gibibyte],
      [0, 1, 128 * mebibyte - 1, 1024 * gibibyte + 1, -gibibyte, 0.5, '1G'],
    ],
    [
      'diskBytes',
      [512 * mebibyte, 5 * gibibyte, 16_384 * gibibyte],
      [0, 512 * mebibyte - 1, 16_384 * gibibyte + 1, -1, '5G'],
    ],
    ['timeoutSeconds', [5, 300, 3600], [0, 4, 3601, -1, 5.5, '300']],
  ] as const)('%s', (field, taken, refused) => {
    for (const value of taken) expect(asked({ [field]: value }), `${value}`).toBe(true);
    for (const value of refused) expect(asked({ [field]: value }), `${value}`).toBe(false);
  });
});

describe('a path is what Linux takes and JSON can carry', () => {
  test.each([
    '/',
    '/srv',
    '/a b',
    '/größe',
    '/日本/x',
    '/a\nb',
    '/a\tb',
    '/-x',
    '/a:b',
    '/..',
    '/a\\b',
    '/\u{1F600}',
    `/${'a'.repeat(4094)}`,
  ])('%j', (path) => {
    expect(hostPath.safeParse(path).success).toBe(true);
    expect(guestPath.safeParse(path).success).toBe(true);
  });
  test.each(['', '/a\0b', '\0', '/a\u{FFFD}', '/\uD800', `/${'a'.repeat(4095)}`, `/${'ö'.repeat(2048)}`])(
    'not %j',
    (path) => {
      expect(hostPath.safeParse(path).success).toBe(false);
      expect(guestPath.safeParse(path).success).toBe(false);
    },
  );
  test.each(['srv', './srv', '~/x', 'a'])('%s is one in a guest alone: below the home', (path) => {
    expect(hostPath.safeParse(path).success).toBe(false);
    expect(guestPath.safeParse(path).success).toBe(true);
  });
});

test.each([
  [0, true],
  [1000, true],
  [4_294_967_294, true],
  [4_294_967_295, false],
  [-1, false],
  [1.5, false],
] as const)('user %d can be mapped: %s', (host, canBe) => {
  // the last number stands for "no change" (chown(2))
  expect(
    mountAddParams.safeParse({ name: 'web', source: '/srv', type: 'auto', uidMaps: [{ host, guest: 0 }] }).success,
  ).toBe(canBe);
  expect(
    mountAddParams.safeParse({ name: 'web', source: '/srv', type: 'auto', gidMaps: [{ host: 0, guest: host }] })
      .success,
  ).toBe(canBe);
});
