// SPDX-License-Identifier: MIT
import type { Readable, Writable } from 'node:stream';
import {
  headBytes,
  message,
  messageReader,
  number32,
  number64,
  string,
  type,
} from '../../native-helper/shares/9p/messages.ts';

const rootFid = 0;
const noFid = 0xffff_ffff;
/** One tag at a time is enough: what a test asks, it waits for. */
const longest = 16 * 1024 * 1024;

/** What came back: `done`, `refused N` with Linux's error number, or `ended` where the server is gone. */
export type Outcome = string;

/**
 * A 9P2000.L client that sends what it is told, without the care that a kernel takes: no name is checked, no fid
 * counted.
 */
export class RawNineP {
  readonly #to: Writable;
  readonly #waiting = new Map<number, (answer: Buffer | undefined) => void>();
  #isEnded = false;
  #lastTag = 0;
  #lastFid = rootFid;

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    const reader = messageReader(longest, () => true);
    from.on('data', (chunk: Buffer) => {
      reader.feed(chunk);
      for (let answer = reader.next().message; answer; answer = reader.next().message) {
        const tag = answer.readUInt16LE(5);
        const waiting = this.#waiting.get(tag);
        this.#waiting.delete(tag);
        waiting?.(answer);
      }
    });
    from.once('close', () => {
      this.#isEnded = true;
      for (const waiting of this.#waiting.values()) waiting(undefined);
    });
  }

  /** Agrees on the version and attaches; throws where that is refused. */
  static async start(
    to: Writable,
    from: Readable,
    { aname = '/share', ...who }: { readonly aname?: string; readonly uname?: string; readonly uid?: number } = {},
  ): Promise<RawNineP> {
    const client = new RawNineP(to, from);
    const outcome = [await client.version(65_536), await client.attach(rootFid, aname, who)];
    if (outcome.join() !== 'done,done') throw new Error(`attach: ${outcome.join()}`);
    return client;
  }

  async version(msize: number, name = '9P2000.L'): Promise<Outcome> {
    return outcomeOf(await this.ask(type.version, number32(msize), string(name)));
  }

  async attach(fid: number, aname: string, { afid = noFid, uname = 'root', uid = 0 } = {}): Promise<Outcome> {
    return outcomeOf(
      await this.ask(type.attach, number32(fid), number32(afid), string(uname), string(aname), number32(uid)),
    );
  }

  /**
   * Walks to a new fid, all names at once; the fid, or how it was refused. A walk that ends early counts as refused.
   */
  async walk(names: readonly string[], from = rootFid): Promise<number | Outcome> {
    const fid = this.freshFid();
    const count = Buffer.alloc(2);
    count.writeUInt16LE(names.length);
    const answer = await this.ask(type.walk, number32(from), number32(fid), count, ...names.map(string));
    if (answer?.readUInt8(4) !== type.walk + 1) return outcomeOf(answer);
    return answer.readUInt16LE(headBytes) === names.length ? fid : 'refused 2';
  }

  freshFid(): number {
    this.#lastFid += 1;
    return this.#lastFid;
  }

  async readFile(names: readonly string[], from = rootFid, flags = 0): Promise<string> {
    return await this.#opened(names, from, flags, async (fid) => {
      const answer = await this.ask(type.read, number32(fid), number64(0n), number32(4096));
      return answer?.readUInt8(4) === type.read + 1 ? answer.toString('utf8', headBytes + 4) : outcomeOf(answer);
    });
  }

  async writeFile(names: readonly string[], content: string, from = rootFid, flags = 1): Promise<Outcome> {
    return await this.#opened(names, from, flags, async (fid) => {
      const bytes = Buffer.from(content);
      return outcomeOf(await this.ask(type.write, number32(fid), number64(0n), number32(bytes.length), bytes));
    });
  }

  /** Makes a file in a folder and writes to it. */
  async create(
    folder: readonly string[],
    name: string,
    content = '',
    { flags = 0o101, from = rootFid } = {},
  ): Promise<Outcome> {
    return await this.#at(folder, from, async (fid) => {
      const made = outcomeOf(
        await this.ask(type.lcreate, number32(fid), string(name), number32(flags), number32(0o666), number32(0)),
      );
      if (made !== 'done') return made;
      const bytes = Buffer.from(content);
      return outcomeOf(await this.ask(type.write, number32(fid), number64(0n), number32(bytes.length), bytes));
    });
  }

  async list(names: readonly string[], from = rootFid): Promise<string[] | Outcome> {
    const found: string[] = [];
    const outcome = await this.#opened(names, from, 0o200000, async (fid) => {
      for (let offset = 0n; ;) {
        const answer = await this.ask(type.readdir, number32(fid), number64(offset), number32(8192));
        if (answer?.readUInt8(4) !== type.readdir + 1) return outcomeOf(answer);
        if (answer.readUInt32LE(headBytes) === 0) return 'done';
        // each entry: type, version and number of the file (13 bytes), where the next begins (8), a kind (1), the name
        for (let at = headBytes + 4; at < answer.length;) {
          const length = answer.readUInt16LE(at + 22);
          offset = answer.readBigUInt64LE(at + 13);
          found.push(answer.toString('utf8', at + 24, at + 24 + length));
          at += 24 + length;
        }
      }
    });
    return outcome === 'done' ? found.sort() : outcome;
  }

  async symlink(folder: readonly string[], name: string, target: string): Promise<Outcome> {
    return await this.#about(folder, type.symlink, string(name), string(target), number32(0));
  }

  async mkdir(folder: readonly string[], name: string): Promise<Outcome> {
    return await this.#about(folder, type.mkdir, string(name), number32(0o777), number32(0));
  }

  async mknod(folder: readonly string[], name: string, mode: number, [major, minor] = [0, 0]): Promise<Outcome> {
    return await this.#about(
      folder,
      type.mknod,
      string(name),
      number32(mode),
      number32(major),
      number32(minor),
      number32(0),
    );
  }

  async remove(names: readonly string[]): Promise<Outcome> {
    const fid = await this.walk(names);
    return typeof fid === 'number' ? outcomeOf(await this.ask(type.remove, number32(fid))) : fid;
  }

  async link(from: readonly string[], folder: readonly string[], name: string): Promise<Outcome> {
    return await this.#at(
      from,
      rootFid,
      async (fid) =>
        await this.#at(folder, rootFid, async (folderFid) =>
          outcomeOf(await this.ask(type.link, number32(folderFid), number32(fid), string(name))),
        ),
    );
  }

  async rename(from: readonly string[], folder: readonly string[], name: string): Promise<Outcome> {
    return await this.#at(
      from,
      rootFid,
      async (fid) =>
        await this.#at(folder, rootFid, async (folderFid) =>
          outcomeOf(await this.ask(type.rename, number32(fid), number32(folderFid), string(name))),
        ),
    );
  }

  /** `valid`: what is set, as bits: mode 1, uid 2, gid 4, size 8. */
  async change(names: readonly string[], valid: number, { mode = 0, uid = 0, gid = 0, size = 0 }): Promise<Outcome> {
    return await this.#about(
      names,
      type.setattr,
      number32(valid),
      number32(mode),
      number32(uid),
      number32(gid),
      number64(BigInt(size)),
      ...[0n, 0n, 0n, 0n].map(number64),
    );
  }

  /** Mode and owner as the server tells them. */
  async attributes(
    names: readonly string[],
  ): Promise<{ readonly mode: number; readonly uid: number; readonly gid: number } | Outcome> {
    const fid = await this.walk(names);
    if (typeof fid !== 'number') return fid;
    const answer = await this.ask(type.getattr, number32(fid), number64(0x7ffn));
    await this.clunk(fid);
    if (answer?.readUInt8(4) !== type.getattr + 1) return outcomeOf(answer);
    return {
      mode: answer.readUInt32LE(headBytes + 21),
      uid: answer.readUInt32LE(headBytes + 25),
      gid: answer.readUInt32LE(headBytes + 29),
    };
  }

  async clunk(fid: number): Promise<Outcome> {
    return outcomeOf(await this.ask(type.clunk, number32(fid)));
  }

  /** Undefined where the server is gone. */
  async ask(kind: number, ...parts: readonly Buffer[]): Promise<Buffer | undefined> {
    if (this.#isEnded) return undefined;
    this.#lastTag = (this.#lastTag + 1) % 0xff00;
    const answer = new Promise<Buffer | undefined>((resolve) => {
      this.#waiting.set(this.#lastTag, resolve);
    });
    this.#to.write(message(kind, this.#lastTag, ...parts));
    return await answer;
  }

  async #about(names: readonly string[], kind: number, ...parts: readonly Buffer[]): Promise<Outcome> {
    return await this.#at(names, rootFid, async (fid) => outcomeOf(await this.ask(kind, number32(fid), ...parts)));
  }

  async #opened(
    names: readonly string[],
    from: number,
    flags: number,
    use: (fid: number) => Promise<string>,
  ): Promise<string> {
    return await this.#at(names, from, async (fid) => {
      const opened = outcomeOf(await this.ask(type.lopen, number32(fid), number32(flags)));
      return opened === 'done' ? await use(fid) : opened;
    });
  }

  async #at(names: readonly string[], from: number, use: (fid: number) => Promise<string>): Promise<string> {
    const fid = await this.walk(names, from);
    if (typeof fid !== 'number') return fid;
    try {
      return await use(fid);
    } finally {
      await this.clunk(fid);
    }
  }
}

export function outcomeOf(answer: Buffer | undefined): Outcome {
  if (!answer) return 'ended';
  return answer.readUInt8(4) === type.lerror ? `refused ${answer.readUInt32LE(headBytes)}` : 'done';
}
