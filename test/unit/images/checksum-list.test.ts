// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { digestInList, textOfList } from '../../../native-helper/images/sources/checksum-list.ts';

const first = 'a'.repeat(64);
const other = 'B'.repeat(64);
const name = 'disk-1.0+x.img';

test.each([
  [`${first}  ${name}`, first],
  [`${first} *${name}\r\n${other}  other\r\n`, first],
  [`${first} ./${name}\n`, first],
  [`-----BEGIN PGP\nHash: SHA512\n\n# ${name}: 5 bytes\nSHA256 (${name}) = ${other}\n`, other.toLowerCase()],
  [`sha256(${name})=${other}`, other.toLowerCase()],
  [`\n\t${other} \r\nmore`, other.toLowerCase()],
  [`${first}  ${name}\n${first.toUpperCase()}  ${name}\n`, first],
  [`SHA2-256(${name})= ${first}\nSHA2-256(other.img)= ${other}\n`, first],
  [`SHA-256 (${name}) = ${first}`, first],
  [`${other}  other.img\n${first}  images/x86_64/${name}\n`, first],
  [`SHA256 (./images/${name}) = ${first}\n`, first],
  [`${first} *build\\${name}\n`, first],
  [`${other}  old/${name}\n${first}  ./${name}\n`, first],
  [`\\${first}  odd\\nfolder/${name}\n`, first],
  [`\\SHA256 (a\\\\b/${name}) = ${first}\n`, first],
  [
    `\r\nAlgorithm       Hash                                                                   Path\r\n---------       ----                                                                   ----\r\nSHA256          ${first.toUpperCase()}       C:\\images\\${name}\r\nSHA256          ${other}       C:\\images\\other.img\r\n\r\n`,
    first,
  ],
  [
    `\r\nAlgorithm : SHA256\r\nHash      : ${other}\r\nPath      : C:\\images\\other.img\r\n\r\nAlgorithm : SHA256\r\nHash      : ${first.toUpperCase()}\r\nPath      : C:\\images\\a long way down\\${name.slice(0, 4)}\r\n            ${name.slice(4)}\r\n\r\n`,
    first,
  ],
])('%j names the digest', (list, digest) => {
  expect(digestInList(list, name, 'sha256')).toBe(digest);
});

test.each([
  [`${first}  ${name}\n${other}  ${name}`],
  [`${first}  ${name}.torrent`],
  [`${first}  x${name}`],
  [`${first}  ${name.toUpperCase()}`],
  [`${first}  disk-1x0+x.img`],
  [`${first}0  ${name}`],
  [`x\r${first}  ${name}`],
  [`x\u2028${first}  ${name}`],
  [`# a comment\n${first}\n`],
  [`${first}\n${other}  other.img\n`],
  [`${first}\nSHA256 (other.img) = ${other}\n`],
  [`${first}\n${'c'.repeat(32)}  other.img\n`],
  [`${first}  a/${name}\n${other}  b/${name}\n`],
  [`${first}  a/x${name}`],
  [`\\${first}  odd\\\\${name}`],
  [`SHA3-256 (${name}) = ${first}`],
  [`SHA2-512 (${name}) = ${first}`],
  [`SHA512          ${first}       C:\\images\\${name}`],
  [`Algorithm : SHA512\r\nHash      : ${first}\r\nPath      : C:\\${name}\r\n`],
  [`Hash      : ${first}\r\nPath      : C:\\${name}\r\n`],
])('%j names none', (list) => {
  expect(digestInList(list, name, 'sha256')).toBeUndefined();
});

test('a name that coreutils escape is found as it is', () => {
  expect(digestInList(`${other}  a\\b\n\\${first}  a\\\\b\\nc\n`, 'a\\b\nc', 'sha256')).toBe(first);
});

test('a list that PowerShell wrote into a file is read', () => {
  const list = `\ufeffSHA256 ${first} C:\\${name}\r\n`;
  for (const encoding of ['utf16le', 'utf8'] as const)
    expect(digestInList(textOfList(Buffer.from(list, encoding)), name, 'sha256')).toBe(first);
});

/** The helper's loop stands still meanwhile. */
test('a list of 2 MiB costs next to nothing, whatever is in it', () => {
  const bytes = 2 * 1024 ** 2;
  for (const line of [
    '\n',
    `${name}\n`,
    ' ',
    `${first} `,
    `${first}${' '.repeat(900)}\n`,
    `SHA256 (${')  '.repeat(335)}\n`,
    `SHA256 (${name})\n`,
    `${first}\n`,
    'a',
    '\n ',
    `${name} `,
    `Path : ${name}\n`,
    `${first}  ${name}${' '.repeat(4000)}x\n`,
    `SHA256 (${name}${') '.repeat(4000)}\n`,
    'Algorithm : ',
    `Algorithm :\n${' '.repeat(12)}`,
  ]) {
    const before = process.cpuUsage();
    digestInList(line.repeat(bytes / line.length), name, 'sha256');
    expect(process.cpuUsage(before).user / 1000, JSON.stringify(line.slice(0, 20))).toBeLessThan(500);
  }
});
