// SPDX-License-Identifier: MIT
import type { Readable, Writable } from 'node:stream';

/** Packet types and results of draft-ietf-secsh-filexfer-02, which OpenSSH speaks. */
const request = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rename: 18,
  symlink: 20,
  extended: 200,
} as const;
const response = { version: 2, status: 101, handle: 102, data: 103, name: 104 } as const;
const flags = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;
const attributes = { size: 1, uidGid: 2, permissions: 4 } as const;

interface Answer {
  readonly type: number;
  readonly body: Buffer;
}

/**
 * An SFTP client that sends what it is told, without the care that a client takes: no path is cleaned
 * or checked. Results are the content, `done`, or `refused` with the server's code.
 */
export class RawSftp {
  readonly #to: Writable;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #version = Promise.withResolvers<void>();
  #held = Buffer.alloc(0);
  #lastId = 0;

  private constructor(to: Writable, from: Readable) {
    this.#to = to;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.once('close', () => {
      for (const answer of this.#waiting.values()) answer({ type: response.status, body: uint32(7) });
    });
  }

  static async start(to: Writable, from: Readable): Promise<RawSftp> {
    const sftp = new RawSftp(to, from);
    sftp.#send(request.init, uint32(3));
    await sftp.#version.promise;
    return sftp;
  }

  async readFile(path: string): Promise<string> {
    return await this.#withHandle(request.open, [text(path), uint32(flags.read), uint32(0)], async (handle) => {
      const answer = await this.#ask(request.read, handle, uint32(0), uint32(0), uint32(4096));
      return answer.type === response.data ? answer.body.subarray(4).toString('utf8') : statusOf(answer);
    });
  }

  async writeFile(path: string, content: string): Promise<string> {
    return await this.#withHandle(
      request.open,
      [text(path), uint32(flags.write | flags.create | flags.truncate), uint32(0)],
      async (handle) => statusOf(await this.#ask(request.write, handle, uint32(0), uint32(0), text(content))),
    );
  }

  /** Adds to what is there already: the one way to write that needs no place to seek to. */
  async append(path: string, content: string): Promise<string> {
    return await this.#withHandle(
      request.open,
      [text(path), uint32(flags.write | flags.append), uint32(0)],
      async (handle) => statusOf(await this.#ask(request.write, handle, uint32(0), uint32(0), text(content))),
    );
  }

  /** Makes a file that must not be there. */
  async makeNew(path: string): Promise<string> {
    return await this.#withHandle(
      request.open,
      [text(path), uint32(flags.write | flags.create | flags.exclusive), uint32(0)],
      () => Promise.resolve('done'),
    );
  }

  async list(path: string): Promise<string[] | string> {
    const names: string[] = [];
    const status = await this.#withHandle(request.opendir, [text(path)], async (handle) => {
      for (;;) {
        const answer = await this.#ask(request.readdir, handle);
        if (answer.type !== response.name) return statusOf(answer);
        names.push(...namesOf(answer.body));
      }
    });
    return names.length === 0 ? status : names.sort((a, b) => (a < b ? -1 : 1));
  }

  /** Asks what it is, as a kernel does before it opens it. */
  async look(path: string): Promise<void> {
    await this.#ask(request.lstat, text(path));
  }

  /** OpenSSH's server takes target and link in this order, against the draft. */
  async symlink(target: string, link: string): Promise<string> {
    return await this.#status(request.symlink, text(target), text(link));
  }
  async hardlink(from: string, to: string): Promise<string> {
    return await this.#status(request.extended, text('hardlink@openssh.com'), text(from), text(to));
  }
  async rename(from: string, to: string): Promise<string> {
    return await this.#status(request.extended, text('posix-rename@openssh.com'), text(from), text(to));
  }
  async chmod(path: string, mode: number): Promise<string> {
    return await this.#status(request.setstat, text(path), uint32(attributes.permissions), uint32(mode));
  }
  async chown(path: string, uid: number, gid: number): Promise<string> {
    return await this.#status(request.setstat, text(path), uint32(attributes.uidGid), uint32(uid), uint32(gid));
  }
  /** Makes a new file, or a folder, or changes a name itself or an open file, with this mode in the request. */
  async withMode(how: 'open' | 'mkdir' | 'lsetstat' | 'fsetstat', path: string, mode: number): Promise<string> {
    const asked = Buffer.concat([uint32(attributes.permissions), uint32(mode)]);
    switch (how) {
      case 'open':
        return await this.#withHandle(request.open, [text(path), uint32(flags.write | flags.create), asked], () =>
          Promise.resolve('done'),
        );
      case 'mkdir':
        return await this.#status(request.mkdir, text(path), asked);
      case 'lsetstat':
        return await this.#status(request.extended, text('lsetstat@openssh.com'), text(path), asked);
      case 'fsetstat':
        return await this.#withHandle(request.open, [text(path), uint32(flags.read), uint32(0)], async (handle) =>
          statusOf(await this.#ask(request.fsetstat, handle, asked)),
        );
      default:
        return how satisfies never;
    }
  }

  /** Makes a file that large, of nothing. */
  async resize(path: string, bytes: number): Promise<string> {
    const size = Buffer.alloc(8);
    size.writeBigUInt64BE(BigInt(bytes));
    return await this.#status(request.setstat, text(path), uint32(attributes.size), size);
  }

  async remove(path: string): Promise<string> {
    return await this.#status(request.remove, text(path));
  }
  async makeFolder(path: string): Promise<string> {
    return await this.#status(request.mkdir, text(path), uint32(0));
  }

  async #status(type: number, ...parts: readonly Buffer[]): Promise<string> {
    return statusOf(await this.#ask(type, ...parts));
  }

  async #withHandle(type: number, parts: readonly Buffer[], use: (handle: Buffer) => Promise<string>): Promise<string> {
    const opened = await this.#ask(type, ...parts);
    if (opened.type !== response.handle) return statusOf(opened);
    try {
      return await use(opened.body);
    } finally {
      await this.#ask(request.close, opened.body);
    }
  }

  async #ask(type: number, ...parts: readonly Buffer[]): Promise<Answer> {
    this.#lastId += 1;
    const answer = new Promise<Answer>((resolve) => {
      this.#waiting.set(this.#lastId, resolve);
    });
    this.#send(type, uint32(this.#lastId), ...parts);
    return await answer;
  }

  #send(type: number, ...parts: readonly Buffer[]): void {
    const body = Buffer.concat([Buffer.from([type]), ...parts]);
    this.#to.write(Buffer.concat([uint32(body.length), body]));
  }

  #take(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= 4 && this.#held.length >= 4 + this.#held.readUInt32BE(0)) {
      const packet = this.#held.subarray(4, 4 + this.#held.readUInt32BE(0));
      this.#held = this.#held.subarray(4 + packet.length);
      const type = packet.readUInt8(0);
      if (type === response.version) this.#version.resolve();
      else {
        const id = packet.readUInt32BE(1);
        this.#waiting.get(id)?.({ type, body: packet.subarray(5) });
        this.#waiting.delete(id);
      }
    }
  }
}

function statusOf({ type, body }: Answer): string {
  if (type !== response.status) return `unexpected ${type}`;
  const code = body.readUInt32BE(0);
  return code === 0 ? 'done' : `refused ${code}`;
}

/** Name, long name and attributes of each entry; the attributes' length depends on their flags. */
function namesOf(body: Buffer): string[] {
  const names: string[] = [];
  let offset = 4;
  const skipText = (): Buffer => {
    const length = body.readUInt32BE(offset);
    const value = body.subarray(offset + 4, offset + 4 + length);
    offset += 4 + length;
    return value;
  };
  for (let count = body.readUInt32BE(0); count > 0; count -= 1) {
    names.push(skipText().toString('utf8'));
    skipText();
    const present = body.readUInt32BE(offset);
    offset += 4 + (present & 1 ? 8 : 0) + (present & 2 ? 8 : 0) + (present & 4 ? 4 : 0) + (present & 8 ? 8 : 0);
  }
  return names;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
