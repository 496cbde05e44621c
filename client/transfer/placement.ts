// SPDX-License-Identifier: MIT
import { joinPath, keyOf, numberedName } from './byte-path.ts';
import type { FileFacts, FileTree } from './file-tree.ts';

const mostNumbers = 10_000;

/** A folder that things are put into, with what is known to be in it. */
export class Placement {
  readonly path: Buffer;
  readonly #tree: FileTree;
  readonly #known: Map<string, FileFacts>;
  /** Whether what is not known is not there. */
  readonly #isComplete: boolean;

  private constructor(tree: FileTree, path: Buffer, known: Map<string, FileFacts>, isComplete: boolean) {
    this.#tree = tree;
    this.path = path;
    this.#known = known;
    this.#isComplete = isComplete;
  }

  /** One that was made just now, and is empty. */
  static empty(tree: FileTree, path: Buffer): Placement {
    return new Placement(tree, path, new Map(), true);
  }

  /** One that may hold far more than what is put into it: each name is asked for. */
  static unknown(tree: FileTree, path: Buffer): Placement {
    return new Placement(tree, path, new Map(), false);
  }

  /** One whose names are asked for all at once. */
  static async listed(tree: FileTree, path: Buffer): Promise<Placement> {
    const found = await tree.list(path).catch(() => undefined); // a folder may be written to without being read
    if (found === undefined) return Placement.unknown(tree, path);
    return new Placement(tree, path, new Map(found.map(({ name, facts }) => [keyOf(name), facts])), true);
  }

  /** Those that are known to be in it. */
  names(): readonly Buffer[] {
    return [...this.#known.keys()].map((key) => Buffer.from(key, 'latin1'));
  }

  in(name: Buffer): Buffer {
    return joinPath(this.path, name);
  }

  async find(name: Buffer): Promise<FileFacts | undefined> {
    const known = this.#known.get(keyOf(name));
    if (known !== undefined || this.#isComplete) return known;
    return await this.#tree.look(this.in(name), false);
  }

  /** The name is taken from now on. */
  claim(name: Buffer, facts: FileFacts): void {
    this.#known.set(keyOf(name), facts);
  }

  /** The first of `name (2)`, `name (3)`, … that is free. */
  async freeName(name: Buffer): Promise<Buffer> {
    for (let number = 2; number < mostNumbers; number += 1) {
      const candidate = numberedName(name, number);
      if ((await this.find(candidate)) === undefined) return candidate;
    }
    throw new Error('there are too many of that name');
  }
}
