// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noticesOf } from '../../../scripts/lib/notices.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'berth-notices-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function put(name: string, manifest: object, files: Readonly<Record<string, string>> = {}): string {
  const place = path.join(directory, name);
  mkdirSync(place);
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(place, file), text);
  return place;
}

it('each package stands there by name and version, with its licence and all its texts', () => {
  const notices = noticesOf([
    put('second', { license: 'ISC' }, { license: 'the words of ISC', 'NOTICE.md': 'and a notice' }),
    put('first', { licenses: [{ type: 'MIT' }] }, { 'LICENSE.txt': 'the words of MIT', 'README.md': 'not this' }),
  ]);
  expect(notices).toMatch(
    /first 1\.2\.3 \(MIT\)\n\nthe words of MIT\n[^]*second 1\.2\.3 \(ISC\)\n\n[^]*the words of ISC/,
  );
  expect(notices).toContain('and a notice');
  expect(notices).not.toContain('not this');
});

it('one that names its licence alone gets the standard text', () => {
  expect(noticesOf([put('bare', { license: 'Unlicense' })])).toContain('released into the public domain');
});

it('a licence that is not known, none, and one without text end the build, each by its name', () => {
  const packages = [
    put('good', { license: 'MIT' }, { LICENSE: 'MIT' }),
    put('closed', { license: 'SEE LICENSE IN EULA' }, { LICENSE: 'x' }),
    put('silent', {}, { LICENSE: 'x' }),
    put('bare', { license: 'MIT' }),
  ];
  expect(() => noticesOf(packages)).toThrow(
    /closed 1\.2\.3: its licence is SEE LICENSE IN EULA\nsilent 1\.2\.3: its licence is not said\nbare 1\.2\.3: there is no text/,
  );
  expect(() => noticesOf(packages)).not.toThrow(/good/);
});
