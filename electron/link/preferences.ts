// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const windowPlace = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  isMaximized: z.boolean(),
});
export type WindowPlace = z.infer<typeof windowPlace>;

/** What the file holds. Unknown keys are kept, for a newer Berth may have written them. */
const preferencesFile = z.looseObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  window: windowPlace.optional(),
});
export type PreferencesFile = z.infer<typeof preferencesFile>;

/**
 * The window's own settings: one JSON file below XDG_CONFIG_HOME, read once, replaced whole. A file
 * that cannot be understood is set aside as `<file>.unreadable-<time>` and the defaults are used.
 */
export class PreferenceStore {
  readonly #path: string;
  readonly #log: (text: string) => void;
  #value: PreferencesFile;

  /** Reads at once and synchronously: the window's colour and place depend on it. */
  constructor(path: string, log: (text: string) => void) {
    this.#path = path;
    this.#log = log;
    this.#value = this.#read();
  }

  get value(): PreferencesFile {
    return this.#value;
  }

  /**
   * Changes some keys. On disk when it returns, for the last change comes while the application
   * quits; throws what the file system says, and the change holds for this run all the same.
   */
  change(changes: Partial<PreferencesFile>): void {
    this.#value = { ...this.#value, ...changes };
    replaceFile(this.#path, `${JSON.stringify(this.#value, undefined, 2)}\n`);
  }

  #read(): PreferencesFile {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#log(`preferences cannot be read: ${String(error)}`);
      return preferencesFile.parse({});
    }
    try {
      return preferencesFile.parse(JSON.parse(text));
    } catch (error) {
      this.#setAside(error);
      return preferencesFile.parse({});
    }
  }

  #setAside(reason: unknown): void {
    const aside = `${this.#path}.unreadable-${new Date().toISOString().replaceAll(':', '')}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      renameSync(this.#path, aside);
      this.#log(`preferences are not understood and lie in ${aside}: ${String(reason)}`);
    } catch (error) {
      this.#log(`preferences are not understood and cannot be set aside: ${String(error)}`);
    }
  }
}

/** Readers see the old text or the new one, also after a power cut. */
function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
