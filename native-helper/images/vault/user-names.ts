// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/** Names that may stand before the slash of an alias (contract/names.ts); other users are named by number. */
const usable = /^[a-z_][a-z0-9_.-]{0,31}$/;

/**
 * The local users of this computer (passwd(5)), by name and number. Those of a directory service have their number
 * only.
 */
export class UserNames {
  readonly #file: string;
  #byName: ReadonlyMap<string, number> = new Map();
  #byUid: ReadonlyMap<number, string> = new Map();

  constructor(file = '/etc/passwd') {
    this.#file = file;
  }

  async read(): Promise<void> {
    // without it, numbers
    const lines = (await readFile(this.#file, 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
    const users = lines.flatMap(([name = '', , uid = '']): [string, number][] =>
      usable.test(name) && /^\d+$/.test(uid) ? [[name, Number(uid)]] : [],
    );
    this.#byName = new Map(users);
    // of several names of one number the first
    this.#byUid = new Map(users.toReversed().map(([name, uid]) => [uid, name]));
  }

  /** What may stand before the slash of an alias for this user. */
  nameOf(uid: number): string {
    return this.#byUid.get(uid) ?? String(uid);
  }

  uidOf(name: string): number | undefined {
    return this.#byName.get(name) ?? (/^\d{1,10}$/.test(name) ? Number(name) : undefined);
  }
}
