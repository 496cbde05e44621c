// SPDX-License-Identifier: MIT

const magic = 0x1b5e783d;
/** Table numbers of the kernel's security/apparmor/include/match.h. */
const table = { accept: 1, base: 2, check: 3, fallback: 4, classes: 5, next: 8 } as const;
const differenceEncoded = 0x8000_0000;

/** A compiled state machine as the kernel walks it (security/apparmor/match.c). State 0 is the end of all hope. */
export class Dfa {
  readonly #tables = new Map<number, Uint32Array>();

  constructor(blob: Buffer) {
    const start = blob.indexOf(Buffer.from([0x1b, 0x5e, 0x78, 0x3d]));
    if (start < 0 || blob.readUInt32BE(start) !== magic) throw new Error('no state machine');
    const end = start + blob.readUInt32BE(start + 8);
    for (let at = start + blob.readUInt32BE(start + 4); at < end;) {
      const [id, width] = [blob.readUInt16BE(at), blob.readUInt16BE(at + 2)];
      const count = blob.readUInt32BE(at + 8) * (blob.readUInt32BE(at + 4) || 1);
      this.#tables.set(
        id,
        Uint32Array.from({ length: count }, (_, index) => blob.readUIntBE(at + 12 + index * width, width)),
      );
      at += 12 + count * width;
      at = start + ((at - start + 7) & ~7);
    }
  }

  step(from: number, byte: number): number {
    const column = this.#tables.get(table.classes)?.[byte] ?? byte;
    for (let state = from; ;) {
      const base = this.#at(table.base, state);
      const position = (base & 0xff_ffff) + column;
      if (this.#at(table.check, position) === state) return this.#at(table.next, position);
      state = this.#at(table.fallback, state);
      if ((base & differenceEncoded) === 0) return state;
    }
  }

  match(from: number, bytes: Iterable<number>): number {
    let state = from;
    for (const byte of bytes) {
      state = this.step(state, byte);
      if (state === 0) return 0;
    }
    return state;
  }

  /** The permission bits of a state. */
  accept(state: number): number {
    return this.#at(table.accept, state);
  }

  /** The bytes that lead on from a state. */
  ways(state: number): number[] {
    return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => this.step(state, byte) !== 0);
  }

  #at(id: number, index: number): number {
    return this.#tables.get(id)?.[index] ?? 0;
  }
}
