// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { aliasOfPlace, imagePlace } from '../../../cli/image-place.ts';
import { imageWord } from '../../../cli/image-word.ts';
import { imageAlias } from '#contract/names.ts';

test.each([
  ['/srv/disk', '/srv/disk'],
  ['./disk', './disk'],
  ['../disk', '../disk'],
  ['file:///srv/a%20b.img', '/srv/a b.img'],
  ['https://x.org/a.img', 'https://x.org/a.img'],
  ['HTTP://x.org/a', 'HTTP://x.org/a'],
  ['tiny', undefined],
  ['ubuntu:24.04', undefined],
  ['mia/mine', undefined],
  ['1001/mine', undefined],
  ['no-such-file.img', undefined],
  ['0123456789ab', undefined],
  ['~x', undefined],
])('%s is at %s', (word, place) => {
  expect(imagePlace(word)).toBe(place);
});

test('a URL that names a file of another computer is refused', () => {
  expect(() => imagePlace('file://host/disk.img')).toThrow(/no file of this computer/);
});

test.each([
  ['/srv/Debian 12 (generic).qcow2', 'debian-12-generic'],
  ['https://x.org/a/noble.img?x=/y.img#z', 'noble'],
  ['/srv/disk.raw.xz', 'disk'],
  ['./.hidden.img', 'hidden'],
  ['/srv/größe.img', 'gr-e'],
  ['https://x.org/', 'image'],
  ['/srv/日本.img', 'image'],
  [`/srv/${'a'.repeat(300)}.img`, 'a'.repeat(60)],
  ['/srv/100%.img', '100'],
  ['https://x.org/a%2Fb.img', 'b'],
])('an image of %s is called %s', (place, alias) => {
  expect(aliasOfPlace(place)).toBe(alias);
  expect(imageAlias.safeParse(`my-${aliasOfPlace(place)}`).success).toBe(true);
});

test('digests are taken in capitals, other words as they are', () => {
  expect(imageWord('ABCDEF0123456789')).toBe('abcdef0123456789');
  expect(imageWord('ubuntu:24.04')).toBe('ubuntu:24.04');
});

test.each([
  ['Ubuntu', /lower case: ubuntu\./],
  ['ftp://x/y.img', /ftp:\/\/ addresses are not supported/],
  ['tiny:', /the image name after tiny: is missing/],
  ['', /it is empty/],
  ['::', /a name has at most 64/],
  ['a b', /a name has at most 64/],
])('%s is no word for an image, and why is told', (word, why) => {
  expect(() => imageWord(word)).toThrow(why);
});
