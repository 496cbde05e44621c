// SPDX-License-Identifier: MIT
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Fingerprint } from '../../contract/names.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { Policy } from '../../native-helper/confinement/administrator/policy.ts';
import { QuotaFile } from '../../native-helper/confinement/administrator/quotas.ts';
import { LocalImages } from '../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { Files } from '../../native-helper/store/files.ts';
import { UserCounter } from '../../native-helper/store/user-counter.ts';
import { ImageServer } from './image-server.ts';

type Tuning = NonNullable<Parameters<typeof LocalImages.open>[0]['tuning']>;

interface ImageRigOptions {
  /** The product's own where there is none. A change of it counts at once in the vaults that are open. */
  readonly tuning?: Tuning;
  /** For a server that speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where the state lies when it is not to lie in the rig's own directory. */
  readonly stateDirectory?: string;
}

/**
 * The images of a helper that does not run, in a directory of their own, and a server beside them. All goes with the
 * rig.
 */
export class ImageRig implements AsyncDisposable {
  /** Everyone may pass through it and read it: images are read by users without rights. */
  readonly directory: string;
  readonly files: Files;
  readonly server: ImageServer;
  /** Of all vaults that are opened here; read anew when a test says so. */
  readonly quotas: QuotaFile;
  readonly #tuning: Tuning | undefined;
  readonly #stack: AsyncDisposableStack;

  private constructor(files: Files, server: ImageServer, tuning: Tuning | undefined, stack: AsyncDisposableStack) {
    this.directory = path.dirname(files.runDirectory);
    this.files = files;
    this.quotas = new QuotaFile(this.in('config'), pino({ level: 'silent' }));
    this.server = server;
    this.#tuning = tuning;
    this.#stack = stack;
  }

  static async start({ tuning, tls, stateDirectory }: ImageRigOptions = {}): Promise<ImageRig> {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(path.join(tmpdir(), 'berth-images-'));
    stack.defer(async () => await rm(directory, { recursive: true, maxRetries: 5 }));
    await chmod(directory, 0o755);
    const files = new Files(stateDirectory ?? path.join(directory, 'state'), path.join(directory, 'run'));
    for (const each of [files.stateDirectory, files.work]) await mkdir(each, { mode: 0o711 });
    const server = await ImageServer.start(tls);
    stack.defer(async () => await server.close());
    return new ImageRig(files, server, tuning, stack.move());
  }

  in(...names: readonly string[]): string {
    return path.join(this.directory, ...names);
  }

  /** The images as a helper that starts now has them: another vault on the same files, whatever is open already. */
  async open(assets = assetsDirectory): Promise<LocalImages> {
    const users = new UserCounter(this.files.users, pino({ level: 'silent' }));
    const vault = await LocalImages.open({
      files: this.files,
      runner: new LocalProcessRunner(),
      log: pino({ level: 'silent' }),
      assetsDirectory: assets,
      policy: new Policy(this.in('config')),
      quotas: this.quotas,
      uses: { usersOf: () => [], tellsImageOf: () => false },
      newUser: async () => await users.take([]),
      ...(this.#tuning ? { tuning: this.#tuning } : {}),
    });
    this.#stack.defer(async () => await vault.settled());
    return vault;
  }

  /** The same, with these families in the catalogue in the place of Berth's. */
  async openWith(families: readonly { readonly name: string }[]): Promise<LocalImages> {
    const assets = this.in('assets');
    await mkdir(path.join(assets, 'catalogue'), { recursive: true });
    await symlink(path.join(assetsDirectory, 'launcher'), path.join(assets, 'launcher'));
    for (const family of families)
      await writeFile(path.join(assets, 'catalogue', `${family.name}.json`), JSON.stringify(family));
    return await this.open(assets);
  }

  /** The record of an image as it lies on the disk. */
  async stored(image: Fingerprint): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(this.files.image(image).record, 'utf8')) as Record<string, unknown>;
  }

  /** Changes it there, behind the back of the vaults that are open. */
  async store(image: Fingerprint, change: Readonly<Record<string, unknown>>): Promise<void> {
    const { record } = this.files.image(image);
    const changed = { ...(await this.stored(image)), ...change };
    await chmod(record, 0o644);
    await writeFile(record, JSON.stringify(changed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
