// SPDX-License-Identifier: MIT
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { instanceName, type InstanceName } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { syncDirectory, writeDurably } from './durable.ts';
import type { Files } from './files.ts';
import { instanceRecord, instanceSecrets, type InstanceRecord, type InstanceSecrets } from './instance-record.ts';
import { setAside } from './set-aside.ts';

/** What was found in one instance's directory. */
export type StoredInstance =
  | { readonly ok: true; readonly record: InstanceRecord }
  | { readonly ok: false; readonly name: InstanceName; readonly reason: string };

/** Keeps a directory per instance. Nothing here forgets an instance but {@link InstanceStore.remove}. */
export class InstanceStore {
  readonly #files: Files;
  readonly #log: Logger;

  constructor(files: Files, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  /**
   * Reads every instance. One whose record cannot be read is told with the reason, and a record that
   * does not parse is set aside beside itself; the others are not harmed by it.
   */
  async list(): Promise<readonly StoredInstance[]> {
    await mkdir(this.#files.instances, { recursive: true, mode: 0o711 });
    const entries = await readdir(this.#files.instances, { withFileTypes: true });
    const found = await Promise.all(
      entries.filter((entry) => entry.isDirectory()).map(async (entry) => {
        const name = instanceName.safeParse(entry.name);
        if (name.success) return await this.#load(name.data);
        this.#log.warn({ directory: entry.name }, 'left alone: not an instance directory');
        return undefined;
      }),
    );
    return found.filter((instance) => instance !== undefined);
  }

  /** Makes the directory of a new instance. Rejects with instance.exists when there is one. */
  async create(name: InstanceName): Promise<void> {
    const files = this.#files.instance(name);
    try {
      await mkdir(files.directory, { mode: 0o711 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new HelperError('instance.exists', { name, where: '' }, { cause: error });
      throw new HelperError('storage.failed', { action: 'create', path: files.directory, reason: messageOf(error) }, { cause: error });
    }
    await chmod(files.directory, 0o711);
    await mkdir(files.consoles, { mode: 0o711 });
    await syncDirectory(this.#files.instances);
  }

  /** Writes the record with the next revision and returns it. */
  async write(record: InstanceRecord): Promise<InstanceRecord> {
    const next = { ...record, revision: record.revision + 1 };
    const file = this.#files.instance(record.name).record;
    try {
      await writeDurably(file, `${JSON.stringify(next, null, 2)}\n`);
    } catch (error) {
      throw new HelperError('storage.failed', { action: 'write', path: file, reason: messageOf(error) }, { cause: error });
    }
    return next;
  }

  async writeSecrets(name: InstanceName, secrets: InstanceSecrets): Promise<void> {
    await writeDurably(this.#files.instance(name).secrets, JSON.stringify(secrets));
  }

  async readSecrets(name: InstanceName): Promise<InstanceSecrets> {
    const file = this.#files.instance(name).secrets;
    try {
      return instanceSecrets.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      throw new HelperError('storage.failed', { action: 'read', path: file, reason: messageOf(error) }, { cause: error });
    }
  }

  /** Removes the instance's directory and all in it, for good. */
  async remove(name: InstanceName): Promise<void> {
    await rm(this.#files.instance(name).directory, { recursive: true, force: true });
    await syncDirectory(this.#files.instances);
  }

  /** Removes a directory that never held a record, readable or not; tells whether it did. */
  async removeUnwritten(name: InstanceName): Promise<boolean> {
    const entries = await readdir(this.#files.instance(name).directory);
    if (entries.some((entry) => entry.startsWith('instance.json'))) return false;
    await this.remove(name);
    return true;
  }

  async #load(name: InstanceName): Promise<StoredInstance> {
    const file = this.#files.instance(name).record;
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      return { ok: false, name, reason: messageOf(error) };
    }
    try {
      const record = instanceRecord.parse(JSON.parse(text));
      if (record.name !== name) throw new Error(`the record is that of ${record.name}`);
      return { ok: true, record };
    } catch (error) {
      return { ok: false, name, reason: await this.#setAside(file, messageOf(error)) };
    }
  }

  /** The directory stays, so the instance is shown as broken ever after. */
  async #setAside(file: string, reason: string): Promise<string> {
    const aside = await setAside(file);
    this.#log.error({ file, aside, reason }, 'unreadable instance record set aside');
    return `${reason} (set aside as ${aside})`;
  }
}
