// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { answerType, openFlag, requestType, statusCode } from '#contract/sftp.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { PacketReader, sftpAttributes, sftpString, uint32, uint64, type SftpAttributes } from './packets.ts';
import { SftpError } from './sftp-error.ts';

const protocolVersion = 3;
/** What every server takes (draft, section 3); OpenSSH tells a larger one by limits@openssh.com. */
const smallestChunkBytes = 32 * 1024;
const largestChunkBytes = 255 * 1024;
/** An answer is never longer than the largest data and its frame; more is no SFTP. */
const largestPacketBytes = 512 * 1024;
/** A guest that has begun its SFTP server and does not greet by then will not. */
const greetingLimitMs = 30_000;
/** A folder that is listed without end is none: so many names, and so many bytes of them. */
const mostEntries = 1_000_000;
const mostNameBytes = 64 * 1024 ** 2;

interface Answer {
  readonly type: number;
  readonly body: PacketReader;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface SftpEntry {
  readonly name: Buffer;
  readonly attributes: SftpAttributes;
}

/**
 * An SFTP client on a byte stream. Requests go out at once and are answered in any order, so many may
 * be under way. Paths are bytes, for Linux allows any byte in a name; no library hands them on as
 * such. Rejections are {@link SftpError}.
 */
export class SftpSession {
  readonly #stream: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #greeted = Promise.withResolvers<Answer>();
  readonly #extensions = new Set<string>();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #neededBytes = 4;
  #lastId = 0;
  #lost: SftpError | undefined;
  #chunkBytes = smallestChunkBytes;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', () => stream.destroy());
    for (const end of ['end', 'close']) stream.once(end, () => this.#lose(new SftpError(statusCode.connectionLost)));
  }

  /**
   * Greets the server on the other side of the stream. The stream is hung up on when that does not answer in time, or
   * the signal is aborted before.
   */
  static async open(stream: Duplex, signal?: AbortSignal): Promise<SftpSession> {
    const session = new SftpSession(stream);
    const over = AbortSignal.any([AbortSignal.timeout(greetingLimitMs), ...(signal === undefined ? [] : [signal])]);
    const giveUp = (): void => session.#lose(new SftpError(statusCode.connectionLost, say('client.sftp.silent')));
    over.addEventListener('abort', giveUp, { once: true });
    if (over.aborted) giveUp();
    try {
      await session.#greet();
    } finally {
      over.removeEventListener('abort', giveUp);
    }
    return session;
  }

  async #greet(): Promise<void> {
    this.#send(Buffer.concat([Buffer.from([requestType.init]), uint32(protocolVersion)]));
    const { body } = await this.#greeted.promise;
    body.uint32();
    while (!body.isAtEnd) {
      this.#extensions.add(body.string().toString('latin1'));
      body.string();
    }
    await this.#learnLimits();
  }

  /** The most bytes that one read or write may carry. */
  get chunkBytes(): number {
    return this.#chunkBytes;
  }

  has(extension: string): boolean {
    return this.#extensions.has(extension);
  }

  async stat(path: Buffer): Promise<SftpAttributes> {
    return await this.#attributes(requestType.stat, sftpString(path));
  }
  async lstat(path: Buffer): Promise<SftpAttributes> {
    return await this.#attributes(requestType.lstat, sftpString(path));
  }
  async fstat(handle: Buffer): Promise<SftpAttributes> {
    return await this.#attributes(requestType.fstat, sftpString(handle));
  }

  async setStat(path: Buffer, wanted: { readonly mode?: number; readonly modifiedAt?: number }): Promise<void> {
    await this.#done(requestType.setstat, sftpString(path), sftpAttributes(wanted));
  }

  async openForReading(path: Buffer): Promise<Buffer> {
    return await this.#handle(requestType.open, sftpString(path), uint32(openFlag.read), sftpAttributes({}));
  }

  /** Makes a file that was not there; the guest's umask applies to `mode`. */
  async create(path: Buffer, mode: number): Promise<Buffer> {
    return await this.#handle(
      requestType.open,
      sftpString(path),
      uint32(openFlag.write | openFlag.create | openFlag.exclusive),
      sftpAttributes({ mode }),
    );
  }

  /** At most `length` bytes from `offset`; undefined at the end of the file. */
  async read(handle: Buffer, offset: number, length: number): Promise<Buffer | undefined> {
    const answer = await this.#ask(requestType.read, sftpString(handle), uint64(offset), uint32(length));
    if (answer.type === answerType.data) return requireSome(answer.body.string(), length);
    const error = errorOf(answer);
    if (error.code === statusCode.endOfFile) return undefined;
    throw error;
  }

  /** Writes `bytes`, at most {@link chunkBytes} of them. */
  async write(handle: Buffer, offset: number, bytes: Buffer): Promise<void> {
    await this.#done(requestType.write, sftpString(handle), uint64(offset), uint32(bytes.length), bytes);
  }

  async close(handle: Buffer): Promise<void> {
    await this.#done(requestType.close, sftpString(handle));
  }

  /** What is in a folder, without `.` and `..`, in no order. */
  async list(path: Buffer): Promise<SftpEntry[]> {
    const handle = await this.#handle(requestType.opendir, sftpString(path));
    const entries: SftpEntry[] = [];
    let seen = 0;
    let nameBytes = 0;
    try {
      for (;;) {
        const answer = await this.#ask(requestType.readdir, sftpString(handle));
        if (answer.type !== answerType.name) {
          const error = errorOf(answer);
          if (error.code === statusCode.endOfFile) return entries;
          throw error;
        }
        const listed = entriesOf(answer.body);
        if (listed.length === 0) throw new SftpError(statusCode.broken, say('client.sftp.no-end'));
        seen += listed.length;
        nameBytes += listed.reduce((sum, { name }) => sum + name.length, 0);
        if (seen > mostEntries || nameBytes > mostNameBytes)
          throw new SftpError(
            statusCode.broken,
            say('client.sftp.folder-too-large', { count: mostEntries, size: formatBytes(mostNameBytes) }),
          );
        entries.push(...listed.filter(({ name }) => !['.', '..'].includes(name.toString('latin1'))));
      }
    } finally {
      await this.close(handle);
    }
  }

  async makeFolder(path: Buffer, mode: number): Promise<void> {
    await this.#done(requestType.mkdir, sftpString(path), sftpAttributes({ mode }));
  }
  async remove(path: Buffer): Promise<void> {
    await this.#done(requestType.remove, sftpString(path));
  }
  async removeFolder(path: Buffer): Promise<void> {
    await this.#done(requestType.rmdir, sftpString(path));
  }

  async realPath(path: Buffer): Promise<Buffer> {
    return await this.#oneName(requestType.realpath, path);
  }
  async readLink(path: Buffer): Promise<Buffer> {
    return await this.#oneName(requestType.readlink, path);
  }

  /** OpenSSH's server takes target and link in this order, against the draft (its PROTOCOL file, 4.1). */
  async makeLink(target: Buffer, link: Buffer): Promise<void> {
    await this.#done(requestType.symlink, sftpString(target), sftpString(link));
  }

  /** OpenSSH refuses it where `to` is there, which the draft demands. */
  async rename(from: Buffer, to: Buffer): Promise<void> {
    await this.#done(requestType.rename, sftpString(from), sftpString(to));
  }

  /** A request of a server's own; see {@link has}. Undefined where the answer is a bare success. */
  async extended(name: string, ...parts: readonly Buffer[]): Promise<PacketReader | undefined> {
    const answer = await this.#ask(requestType.extended, sftpString(name), ...parts);
    if (answer.type === answerType.extended) return answer.body;
    requireOk(answer);
    return undefined;
  }

  end(): void {
    this.#stream.destroy();
  }

  async #learnLimits(): Promise<void> {
    if (!this.has('limits@openssh.com')) return;
    const body = await this.extended('limits@openssh.com');
    if (!body) return;
    body.uint64(); // of a packet
    const ofRead = body.uint64();
    const ofWrite = body.uint64();
    this.#chunkBytes = Math.max(
      smallestChunkBytes,
      Math.min(largestChunkBytes, ofRead || largestChunkBytes, ofWrite || largestChunkBytes),
    );
  }

  async #attributes(type: number, path: Buffer): Promise<SftpAttributes> {
    const answer = await this.#ask(type, path);
    if (answer.type !== answerType.attributes) throw errorOf(answer);
    return answer.body.attributes();
  }

  async #handle(type: number, ...parts: readonly Buffer[]): Promise<Buffer> {
    const answer = await this.#ask(type, ...parts);
    if (answer.type !== answerType.handle) throw errorOf(answer);
    return answer.body.string();
  }

  async #oneName(type: number, path: Buffer): Promise<Buffer> {
    const answer = await this.#ask(type, sftpString(path));
    const name = answer.type === answerType.name ? entriesOf(answer.body)[0]?.name : undefined;
    if (name === undefined) throw errorOf(answer);
    return name;
  }

  async #done(type: number, ...parts: readonly Buffer[]): Promise<void> {
    requireOk(await this.#ask(type, ...parts));
  }

  async #ask(type: number, ...parts: readonly Buffer[]): Promise<Answer> {
    if (this.#lost) throw this.#lost;
    this.#lastId = (this.#lastId + 1) % 0x1_0000_0000;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.set(this.#lastId, { resolve, reject });
    this.#send(Buffer.concat([Buffer.from([type]), uint32(this.#lastId), ...parts]));
    return await promise;
  }

  #send(packet: Buffer): void {
    this.#stream.write(Buffer.concat([uint32(packet.length), packet]));
  }

  /** Keeps what came until a packet is whole; joins it once, for a packet comes in many pieces. */
  #receive(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    while (this.#heldBytes >= this.#neededBytes) {
      const held = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
      const length = held.readUInt32BE(0);
      if (length > largestPacketBytes || length < 5)
        return this.#lose(new SftpError(statusCode.broken, say('client.sftp.no-server')));
      this.#neededBytes = 4 + length;
      if (held.length < this.#neededBytes) {
        this.#held = [held];
        return;
      }
      this.#take(held.subarray(4, this.#neededBytes));
      const rest = held.subarray(this.#neededBytes);
      this.#held = rest.length === 0 ? [] : [rest];
      this.#heldBytes = rest.length;
      this.#neededBytes = 4;
    }
  }

  #take(packet: Buffer): void {
    const type = packet.readUInt8(0);
    if (type === answerType.version) return this.#greeted.resolve({ type, body: new PacketReader(packet.subarray(1)) });
    const id = packet.readUInt32BE(1);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve({ type, body: new PacketReader(packet.subarray(5)) });
  }

  #lose(error: SftpError): void {
    if (this.#lost) return;
    this.#lost = error;
    this.#greeted.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#stream.destroy();
  }
}

function requireOk(answer: Answer): void {
  const error = errorOf(answer);
  if (error.code !== statusCode.ok) throw error;
}

/** Nothing would be asked for without end, and more than was asked for has no place. */
function requireSome(bytes: Buffer, asked: number): Buffer {
  if (bytes.length === 0 || bytes.length > asked)
    throw new SftpError(statusCode.broken, say('client.sftp.other-bytes'));
  return bytes;
}

function errorOf({ type, body }: Answer): SftpError {
  if (type !== answerType.status) return new SftpError(statusCode.broken, say('client.sftp.other-answer'));
  const code = body.uint32();
  return new SftpError(code, body.isAtEnd ? '' : body.string().toString('utf8'));
}

function entriesOf(body: PacketReader): SftpEntry[] {
  return Array.from({ length: Math.min(body.uint32(), 100_000) }, () => {
    const name = Buffer.from(body.string()); // a view would keep the whole packet
    body.string(); // as `ls -l` would print it
    return { name, attributes: body.attributes() };
  });
}
