// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const windowPlace = z.looseObject({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  isMaximized: z.boolean(),
});
export type WindowPlace = Pick<z.infer<typeof windowPlace>, 'x' | 'y' | 'width' | 'height' | 'isMaximized'>;

/** What the file holds. Keys and themes of a newer Berth are kept as they are. */
const preferencesFile = z.looseObject({
  theme: z
    .string()
    .regex(/^[a-z][a-z-]*$/)
    .default('system'),
  window: windowPlace.optional(),
});
type PreferencesFile = z.infer<typeof preferencesFile>;

export interface PreferenceValues {
  readonly theme: Theme;
  readonly window?: WindowPlace | undefined;
}

/**
 * The window's own settings: one JSON file below XDG_CONFIG_HOME, read once, replaced whole. A file
 * that cannot be understood is set aside as `<file>.unreadable-<time>` and the defaults are used. It is
 * the user's file, and another program's than those of the helper, whose `store/document.ts` is not shared.
 */
export class PreferenceStore {
  readonly #path: string;
  readonly #log: (text: string) => void;
  #file: PreferencesFile;

  /** Reads at once and synchronously: the window's colour and place depend on it. */
  constructor(path: string, log: (text: string) => void) {
    this.#path = path;
    this.#log = log;
    this.#file = this.#read();
  }

  /** The theme of a newer Berth is the system's here. */
  get value(): PreferenceValues {
    const { theme, window } = this.#file;
    return { theme: themes.find((each) => each === theme) ?? 'system', ...(window && { window }) };
  }

  /**
   * Changes some keys. On disk when it returns, for the last change comes while the application
   * quits; throws what the file system says, and the change holds for this run all the same.
   */
  change({ theme, window }: Partial<PreferenceValues>): void {
    this.#file = {
      ...this.#file,
      ...(theme && { theme }),
      ...(window && { window: { ...this.#file.window, ...window } }),
    };
    replaceFile(this.#path, `${JSON.stringify(this.#file, undefined, 2)}\n`);
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
