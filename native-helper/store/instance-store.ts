// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { instanceName, type InstanceName } from '#contract/names.ts';
import { HelperError, messageOf, storageError, toHelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { removeTree } from '../posix/remove-tree.ts';
import { renameNew } from '../posix/rename-new.ts';
import { parseDocument, readDocument, tellUnknown, writeDocument } from './document.ts';
import { syncDirectory } from './durable.ts';
import { InstanceFiles, type Files } from './files.ts';
import { instanceDocument, secretsDocument, type InstanceRecord, type InstanceSecrets } from './instance-record.ts';
import { remainsOf, type InstanceRemains } from './instance-remains.ts';
import { readStateFile } from './read-state-file.ts';
import type { Reserve } from './reserve.ts';
import { setAside } from './set-aside.ts';
import type { StoredInstance } from './stored-instance.ts';
import { withoutCopies } from './without-copies.ts';

/** A directory that is no instance any more; its record tells what is still to be given back. */
export interface GoneInstance {
  readonly directory: string;
  readonly remains: InstanceRemains;
}

/** Names that no instance has: of one that is being made, and of one that is being removed. */
const prefixes = { making: '.new-', gone: '.gone-' } as const;

/**
 * Keeps a directory per instance. It comes to be whole, and ends whole, by a rename: no name is ever taken by half an
 * instance. Nothing here forgets an instance but {@link InstanceStore.putAside}.
 */
export class InstanceStore {
  readonly #files: Files;
  readonly #log: Logger;
  readonly #reserve: Reserve | undefined;

  constructor(files: Files, log: Logger, reserve?: Reserve) {
    this.#files = files;
    this.#log = log;
    this.#reserve = reserve;
  }

  /**
   * Reads every instance. One whose record cannot be read is told with the reason, and a record that
   * does not parse is set aside beside itself; the others are not harmed by it.
   */
  async list(): Promise<readonly StoredInstance[]> {
    await makeDirectory(this.#files.instances, 0o711);
    const entries = await readdir(this.#files.instances, { withFileTypes: true });
    const found = await Promise.all(
      entries
        .filter((entry) => entry.isDirectory() && !isOurs(entry.name))
        .map(async (entry) => {
          const name = instanceName.safeParse(entry.name);
          if (name.success) return await this.#load(name.data);
          this.#log.warn({ directory: entry.name }, 'left alone: not an instance directory');
          return undefined;
        }),
    );
    return withoutCopies(
      found.filter((instance) => instance !== undefined),
      ({ name }) => this.#files.instance(name).directory,
    );
  }

  /** Those whose removal did not come to its end. What was begun and never became an instance is removed on the way. */
  async gone(): Promise<readonly GoneInstance[]> {
    const names = (await readdir(this.#files.instances)).filter(isOurs);
    for (const name of names.filter((each) => each.startsWith(prefixes.making)))
      await this.empty(path.join(this.#files.instances, name));
    return await Promise.all(
      names
        .filter((each) => each.startsWith(prefixes.gone))
        .map(async (each) => {
          const directory = path.join(this.#files.instances, each);
          const name = instanceName.safeParse(each.slice(prefixes.gone.length, each.lastIndexOf('.')));
          return { directory, remains: await this.#remains(name.data ?? instanceName.parse('unknown'), directory) };
        }),
    );
  }

  /**
   * Makes the directory of a new instance with its first record, or nothing. Rejects with instance.exists where there
   * is one of the name.
   */
  async create(record: InstanceRecord): Promise<InstanceRecord> {
    const { directory } = this.#files.instance(record.name);
    const making = new InstanceFiles(
      path.join(this.#files.instances, `${prefixes.making}${record.name}.${randomBytes(6).toString('hex')}`),
    );
    try {
      await mkdir(making.directory, { mode: 0o711 });
      await chmod(making.directory, 0o711);
      await mkdir(making.consoles, { mode: 0o711 });
      const written = await this.#write(record, making.record);
      await renameNew(making.directory, directory);
      await this.#keepPlaced(directory, making.directory);
      return written;
    } catch (error) {
      await this.empty(making.directory);
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new HelperError('instance.exists', { name: record.name, where: '' }, { cause: error });
      throw storageError('create', directory, error);
    }
  }

  /**
   * Writes the record with the next revision and returns it. `leadsToRoom`: it is written on a full disk too, as long
   * as there is a reserve.
   */
  async write(record: InstanceRecord, leadsToRoom = false): Promise<InstanceRecord> {
    const write = async (): Promise<InstanceRecord> =>
      await this.#write(record, this.#files.instance(record.name).record);
    return this.#reserve && leadsToRoom ? await this.#reserve.whenFull(write) : await write();
  }

  async writeSecrets(name: InstanceName, secrets: InstanceSecrets): Promise<void> {
    await writeDocument(secretsDocument, this.#files.instance(name).secrets, secrets);
  }

  async readSecrets(name: InstanceName): Promise<InstanceSecrets> {
    const file = this.#files.instance(name).secrets;
    const secrets = await readDocument(secretsDocument, file);
    if (!secrets) throw new HelperError('record.missing', { path: file });
    return secrets;
  }

  /**
   * From here on there is no instance of that name, durably. Returns where its files are; {@link empty} removes them.
   */
  async putAside(name: InstanceName): Promise<string> {
    const { directory } = this.#files.instance(name);
    const gone = path.join(this.#files.instances, `${prefixes.gone}${name}.${randomBytes(6).toString('hex')}`);
    try {
      await rename(directory, gone);
    } catch (error) {
      throw storageError('remove', directory, error);
    }
    await syncDirectory(this.#files.instances).catch((error: unknown) =>
      this.#log.warn({ name, reason: messageOf(error) }, 'a removal may not survive a loss of power'),
    );
    return gone;
  }

  /** Removes what no instance is any more. What cannot be removed now is at the next start. */
  async empty(directory: string): Promise<void> {
    await removeTree(directory).catch((error: unknown) =>
      this.#log.warn(
        { directory, reason: messageOf(error) },
        'what is left of an instance could not be removed; the next start tries again',
      ),
    );
  }

  /** What may not survive a loss of power is taken back: the launch that it belongs to fails. */
  async #keepPlaced(directory: string, before: string): Promise<void> {
    try {
      await syncDirectory(this.#files.instances);
    } catch (error) {
      await rename(directory, before);
      throw error;
    }
  }

  async #write(record: InstanceRecord, file: string): Promise<InstanceRecord> {
    return await writeDocument(instanceDocument, file, { ...record, revision: record.revision + 1 });
  }

  async #load(name: InstanceName): Promise<StoredInstance> {
    const { record: file, directory } = this.#files.instance(name);
    let text: string | undefined;
    try {
      text = await readStateFile(file);
      if (text === undefined) throw new HelperError('record.missing', { path: file });
      const record = parseDocument(instanceDocument, text, file);
      if (record.name !== name) throw new HelperError('record.misplaced', { path: file, name: record.name });
      tellUnknown(record, file, this.#log);
      return { ok: true, record };
    } catch (error) {
      const fault = toHelperError(error);
      const remains = text === undefined ? await this.#remains(name, directory) : remainsOf(name, text);
      // the directory stays, so the instance is shown as broken ever after; a newer version's record is its own
      const aside = fault.code === 'record.newer' ? undefined : await this.#setAside(file);
      this.#log.error({ file, aside, reason: fault.message }, 'an instance record cannot be read');
      return { ok: false, name, fault, aside: aside ?? (await this.#asides(directory))[0], remains };
    }
  }

  /** Of the record, or of the newest that was set aside beside it. */
  async #remains(name: InstanceName, directory: string): Promise<InstanceRemains> {
    for (const file of [new InstanceFiles(directory).record, ...(await this.#asides(directory))]) {
      const text = await readStateFile(file).catch(() => undefined);
      if (text !== undefined) return remainsOf(name, text);
    }
    return remainsOf(name, undefined);
  }

  /** Where earlier starts moved the record to, the last of them first: their names tell when. */
  async #asides(directory: string): Promise<readonly string[]> {
    const kept = await readdir(directory).catch(() => []); // unreadable too: then nothing is known
    return kept
      .filter((each) => each.startsWith('instance.json.corrupt-'))
      .sort()
      .reverse()
      .map((each) => path.join(directory, each));
  }

  async #setAside(file: string): Promise<string | undefined> {
    return await setAside(file).catch(() => undefined); // gone, or the disk refuses: it stays where it is
  }
}

function isOurs(name: string): boolean {
  return name.startsWith(prefixes.making) || name.startsWith(prefixes.gone);
}
