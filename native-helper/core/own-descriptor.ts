// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';

/** An open descriptor that belongs to whoever holds this, and is closed with it, once. */
export class OwnDescriptor implements Disposable {
  #fd: number | undefined;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws Error where it was closed */
  get fd(): number {
    if (this.#fd === undefined) throw new Error('the descriptor was closed');
    return this.#fd;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
