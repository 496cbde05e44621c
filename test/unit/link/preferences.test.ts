// SPDX-License-Identifier: MIT
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PreferenceStore } from '../../../electron/link/preferences.ts';

let directory: string;
let path: string;
let logged: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-preferences-'));
  path = join(directory, 'berth', 'preferences.json');
  logged = [];
});

afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

function open(): PreferenceStore {
  return new PreferenceStore(path, (text) => logged.push(text));
}

function write(text: string): void {
  mkdirSync(join(directory, 'berth'));
  writeFileSync(path, text);
}

describe('preferences', () => {
  test('are the defaults where there is no file, and nothing is written', () => {
    expect(open().value).toEqual({ theme: 'system' });
    expect(readdirSync(directory)).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('come back after a restart, in a file of the user alone', () => {
    open().change({ theme: 'dark', window: { x: 1, y: 2, width: 900, height: 600, isMaximized: true } });
    expect(open().value).toEqual({ theme: 'dark', window: { x: 1, y: 2, width: 900, height: 600, isMaximized: true } });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(directory, 'berth'))).toEqual(['preferences.json']);
  });

  test('keep what a newer version wrote', () => {
    const place = { x: 1, y: 2, width: 900, height: 600, isMaximized: true };
    write(JSON.stringify({ theme: 'high-contrast', compactRows: true, window: { ...place, display: 7 } }));
    expect(open().value).toMatchObject({ theme: 'system', window: place });
    open().change({ window: { ...place, x: 3 } });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      theme: 'high-contrast',
      compactRows: true,
      window: { ...place, x: 3, display: 7 },
    });
    open().change({ theme: 'dark' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ theme: 'dark', compactRows: true });
  });

  test.each(['', '{"theme":', 'null', '[]', '{"theme":7}', '\0\0\0\0', '{"window":{"x":"left"}}'])(
    'set aside what cannot be understood: %j',
    (text) => {
      write(text);
      const store = open();
      expect(store.value).toEqual({ theme: 'system' });
      expect(logged).toHaveLength(1);
      const [aside] = readdirSync(join(directory, 'berth'));
      expect(aside).toMatch(/^preferences\.json\.unreadable-/);
      expect(readFileSync(join(directory, 'berth', String(aside)), 'utf8')).toBe(text);
      store.change({ theme: 'light' });
      expect(open().value).toEqual({ theme: 'light' });
    },
  );

  test('hold for this run when they cannot be written', () => {
    writeFileSync(join(directory, 'berth'), 'a file where the directory should be');
    const store = open();
    expect(() => store.change({ theme: 'dark' })).toThrow();
    expect(store.value.theme).toBe('dark');
  });
});
