// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { joinPath, keyOf, numberedName, plainName } from './byte-path.ts';
import { CopyError } from './copy-error.ts';
import type { FileFacts, FileTree, HeldFolder } from './file-tree.ts';

const mostNumbers = 10_000;

interface Known {
  readonly names: Map<string, FileFacts>;
  /** Whether what is not known is not there. */
  readonly isComplete: boolean;
  /** Of the folder, as it was when it was made or found. */
  readonly identity: string;
}

/**
 * A folder that things are put into, with what is known to be in it. Others may be able to change the folders on the
 * way (a guest, where the folder is shared with it), so all is done by way of {@link hold}: what is there by this path
 * must be the folder that it was.
 */
export class Placement {
  readonly path: Buffer;
  readonly #tree: FileTree;
  readonly #known: Known;

  private constructor(tree: FileTree, path: Buffer, known: Known) {
    this.#tree = tree;
    this.path = path;
    this.#known = known;
  }

  /** The one that was named; it may hold far more than what is put into it: each name is asked for. */
  static async named(tree: FileTree, path: Buffer): Promise<Placement> {
    await using folder = await tree.hold(path, true);
    return new Placement(tree, path, { names: new Map(), isComplete: false, identity: folder.identity });
  }

  /** A folder in this one that was there; its names are asked for all at once. */
  async found(name: Buffer): Promise<Placement> {
    await using parent = await this.hold();
    await using folder = await this.#tree.hold(joinPath(parent.path, plainName(name)), false);
    // a folder may be written to without being read
    const listed = await this.#tree.list(folder.path).catch(() => undefined);
    const names = new Map(listed?.map((each) => [keyOf(each.name), each.facts]));
    return new Placement(this.#tree, this.in(name), {
      names,
      isComplete: listed !== undefined,
      identity: folder.identity,
    });
  }

  /** Makes a folder in this one. */
  async made(name: Buffer, mode: number): Promise<Placement> {
    await using parent = await this.hold();
    const path = joinPath(parent.path, plainName(name));
    await this.#tree.makeFolder(path, mode);
    await using folder = await this.#tree.hold(path, false);
    return new Placement(this.#tree, this.in(name), { names: new Map(), isComplete: true, identity: folder.identity });
  }

  /** @throws CopyError where another folder has its path now */
  async hold(): Promise<HeldFolder> {
    const folder = await this.#tree.hold(this.path, false);
    if (folder.identity === this.#known.identity) return folder;
    await folder[Symbol.asyncDispose]();
    throw new CopyError(say('client.copy.folder-replaced'));
  }

  /** Those that are known to be in it. */
  names(): readonly Buffer[] {
    return [...this.#known.names.keys()].map((key) => Buffer.from(key, 'latin1'));
  }

  /** For people; what is done to a file is done by way of {@link hold}. */
  in(name: Buffer): Buffer {
    return joinPath(this.path, plainName(name));
  }

  async find(name: Buffer): Promise<FileFacts | undefined> {
    const known = this.#known.names.get(keyOf(name));
    if (known !== undefined || this.#known.isComplete) return known;
    await using folder = await this.hold();
    return await this.#tree.look(joinPath(folder.path, plainName(name)), false);
  }

  /** The name is taken from now on. */
  claim(name: Buffer, facts: FileFacts): void {
    this.#known.names.set(keyOf(name), facts);
  }

  /** The first of `name (2)`, `name (3)`, … that is free. */
  async freeName(name: Buffer): Promise<Buffer> {
    for (let number = 2; number < mostNumbers; number += 1) {
      const candidate = numberedName(name, number);
      if ((await this.find(candidate)) === undefined) return candidate;
    }
    throw new Error(say('client.copy.too-many-of-name'));
  }
}
