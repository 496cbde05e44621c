// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { imageRows } from '../../../cli/commands/images.ts';
import { countValue, machineSizeValue, secondsValue, sizeValue, timeZoneValue } from '../../../cli/option-values.ts';
import { fitWidth } from '../../../cli/render/width.ts';
import { sessionExitCode } from '../../../cli/session-exit-code.ts';
import { clientVersion } from '../../../cli/version.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { catalogueEntry, vaultImage } from '#contract/images.ts';

test('sizes and counts refuse what is none', () => {
  expect(sizeValue('1.5G')).toBe(1.5 * 1024 ** 3);
  for (const text of ['', '-1', '1X', 'G', '1e9']) expect(() => sizeValue(text)).toThrow();
  expect(countValue('4')).toBe(4);
  for (const text of ['0', '-1', '1.5', '4x', '', '99999999999']) expect(() => countValue(text)).toThrow();
});

test('seconds are as many as a timer takes', () => {
  expect(secondsValue('2147483') * 1000).toBeLessThan(2 ** 31);
  for (const text of ['0', '1.5', '2147484', '9999999999'])
    expect(() => secondsValue(text)).toThrow('Use a whole number of seconds, from 1 to 2147483.');
});

test('memory and disk without a unit are asked about, unless they are so many bytes', () => {
  expect(() => machineSizeValue('4')).toThrow('That is 4 bytes. Did you mean 4G?');
  expect(machineSizeValue('1073741824')).toBe(1024 ** 3);
  expect(machineSizeValue('512M')).toBe(512 * 1024 ** 2);
});

test('a time zone is one that there is', () => {
  for (const zone of ['Europe/Vienna', 'UTC', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])
    expect(timeZoneValue(zone)).toBe(zone);
  for (const text of ['Mars/X', '', '../../etc/passwd']) expect(() => timeZoneValue(text)).toThrow('Unknown time zone');
});

test('a session ends with its code, with 128 + its signal, or with ours', () => {
  expect(sessionExitCode({ exitCode: 7 })).toBe(7);
  expect(sessionExitCode({ signal: 'KILL' })).toBe(137);
  expect(sessionExitCode({ signal: 'SIGTERM' })).toBe(143);
  expect(sessionExitCode({})).toBe(255);
  expect(sessionExitCode({ signal: 'toString' })).toBe(255);
});

test('texts are cut to a width with an ellipsis', () => {
  expect(fitWidth('abcdef', 6)).toBe('abcdef');
  expect(fitWidth('abcdef', 4)).toBe('abc…');
  expect(fitWidth('日本語', 4)).toBe('日…');
});

test('catalogue and vault are one list', () => {
  const common = {
    title: 'T',
    os: 'debian',
    release: '12',
    architecture: 'x86_64',
    origin: 'built',
    defaultUser: 'debian',
  } as const;
  const entry = (alias: string, digest?: string) =>
    catalogueEntry.parse({
      ...common,
      alias,
      description: '',
      minMemoryBytes: 1,
      minDiskBytes: 1,
      ...(digest ? { fingerprint: digest } : {}),
    });
  const image = (digest: string, aliases: string[]) =>
    vaultImage.parse({
      ...common,
      fingerprint: digest,
      aliases,
      virtualBytes: 10,
      fileBytes: 5,
      boot: 'disk',
      addedAt: '2026-01-01T00:00:00.000Z',
      usedBy: ['web'],
    });
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const rows = imageRows([entry('tiny', a), entry('debian-12')], [image(a, ['tiny']), image(b, ['mine'])]);
  expect(rows.map((row) => [row.alias, row.fileBytes, row.usedBy])).toEqual([
    ['tiny', 5, ['web']],
    ['debian-12', undefined, undefined],
    ['mine', 5, ['web']],
  ]);
});

test("the program's version is the package's", () => {
  expect(clientVersion).toBe(manifest.version);
});
