// SPDX-License-Identifier: MIT
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A user without an account: rights go by number alone. */
export const someUser = { uid: 20_001, gid: 20_001 };

/** A folder on this computer, made for a test and removed with it. */
export class SharedFolder implements AsyncDisposable {
  readonly path: string;
  readonly #top: string;

  private constructor(top: string, folder: string) {
    this.#top = top;
    this.path = folder;
  }

  /** `name` is the folder's own; its parent can be passed by everyone. */
  static async create(name = 'shared', owner = { uid: 0, gid: 0 }): Promise<SharedFolder> {
    const top = await mkdtemp(path.join(tmpdir(), 'berth-share-'));
    await chmod(top, 0o755);
    const folder = path.join(top, name);
    await mkdir(folder);
    await chown(folder, owner.uid, owner.gid);
    return new SharedFolder(top, folder);
  }

  /** A path beside the folder, out of the guest's sight. */
  beside(name: string): string {
    return path.join(this.#top, name);
  }

  in(...names: readonly string[]): string {
    return path.join(this.path, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#top, { recursive: true, force: true });
  }
}
