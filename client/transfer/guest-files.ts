// SPDX-License-Identifier: MIT
import { statusCode } from '#contract/sftp.ts';
import { sftpString, type PacketReader, type SftpAttributes } from '../sftp/packets.ts';
import { SftpError } from '../sftp/sftp-error.ts';
import type { SftpSession } from '../sftp/sftp-session.ts';
import type { FileFacts, FileTree, FileWriter, HeldFolder } from './file-tree.ts';

/** Requests of one file under way at once: with 255 KiB each enough for any link between a host and its guest. */
const requestsInFlight = 8;
const fileType = { mask: 0o170000, file: 0o100000, folder: 0o040000, link: 0o120000 } as const;

/** A guest's files, as its default user. Relative paths are below that user's home. */
export class GuestFiles implements FileTree {
  readonly #sftp: SftpSession;

  constructor(sftp: SftpSession) {
    this.#sftp = sftp;
  }

  async look(path: Buffer, followsLinks: boolean): Promise<FileFacts | undefined> {
    try {
      return factsOf(await (followsLinks ? this.#sftp.stat(path) : this.#sftp.lstat(path)));
    } catch (error) {
      if (error instanceof SftpError && error.code === statusCode.noSuchFile) return undefined;
      throw error;
    }
  }

  async realPath(path: Buffer): Promise<Buffer> {
    return await this.#sftp.realPath(path);
  }
  async hold(folder: Buffer): Promise<HeldFolder> {
    return await Promise.resolve({ path: folder, identity: '', [Symbol.asyncDispose]: () => Promise.resolve() });
  }
  async list(folder: Buffer): Promise<readonly { readonly name: Buffer; readonly facts: FileFacts }[]> {
    return (await this.#sftp.list(folder)).map(({ name, attributes }) => ({ name, facts: factsOf(attributes) }));
  }
  async readLink(path: Buffer): Promise<Buffer> {
    return await this.#sftp.readLink(path);
  }

  async *read(path: Buffer): AsyncGenerator<Buffer> {
    const handle = await this.#sftp.openForReading(path);
    try {
      const { size = 0 } = await this.#sftp.fstat(handle);
      let at = 0;
      for (let isOver = false; !isOver;) {
        isOver = true;
        for await (const { asked, bytes } of this.#readAhead(handle, at, size)) {
          if (bytes === undefined) return;
          at += bytes.length;
          yield bytes;
          // Less than was asked for is no end; what was asked for beyond it stands in the wrong place.
          if (bytes.length < asked && at < size) {
            isOver = false;
            break;
          }
        }
      }
    } finally {
      await this.#sftp.close(handle).catch(() => undefined); // it was read from only
    }
  }

  async create(path: Buffer, mode: number, onBytes: (bytes: number) => void): Promise<FileWriter> {
    return new GuestWriter(this.#sftp, await this.#sftp.create(path, mode), onBytes);
  }

  async makeFolder(path: Buffer, mode: number): Promise<void> {
    await this.#sftp.makeFolder(path, mode);
  }
  async makeLink(target: Buffer, path: Buffer): Promise<void> {
    await this.#sftp.makeLink(target, path);
  }

  async publish(made: Buffer, path: Buffer, mayReplace: boolean): Promise<boolean> {
    if (mayReplace) {
      await this.#replace(made, path);
      return true;
    }
    try {
      await this.#sftp.rename(made, path);
      return true;
    } catch (error) {
      if (
        error instanceof SftpError &&
        error.code === statusCode.failure &&
        (await this.look(path, false)) !== undefined
      )
        return false;
      throw error;
    }
  }

  async remove(path: Buffer): Promise<void> {
    await this.#sftp.remove(path);
  }
  async change(path: Buffer, wanted: { readonly mode?: number; readonly modifiedAt?: number }): Promise<void> {
    await this.#sftp.setStat(path, wanted);
  }

  async freeBytes(folder: Buffer): Promise<number | undefined> {
    if (!this.#sftp.has('statvfs@openssh.com')) return undefined;
    const answer = await this.#sftp.extended('statvfs@openssh.com', sftpString(folder));
    return answer === undefined ? undefined : availableBytes(answer);
  }

  isLost(error: unknown): boolean {
    return error instanceof SftpError && (error.code === statusCode.connectionLost || error.code === statusCode.broken);
  }

  /**
   * Asks for the pieces before they are wanted. A file that tells no size, as those of /proc, is read piece by piece.
   */
  async *#readAhead(
    handle: Buffer,
    from: number,
    size: number,
  ): AsyncGenerator<{ readonly asked: number; readonly bytes: Buffer | undefined }> {
    const asked = this.#sftp.chunkBytes;
    const underWay: Promise<Buffer | undefined>[] = [];
    let next = from;
    const ask = (): void => {
      const answer = this.#sftp.read(handle, next, asked);
      answer.catch(() => undefined); // told when its turn comes, or not wanted any more
      underWay.push(answer);
      next += asked;
    };
    for (;;) {
      while (underWay.length < requestsInFlight && next < size) ask();
      if (underWay.length === 0) {
        if (size > 0) return;
        ask();
      }
      yield { asked, bytes: await underWay.shift() };
    }
  }

  async #replace(made: Buffer, path: Buffer): Promise<void> {
    if (this.#sftp.has('posix-rename@openssh.com')) {
      await this.#sftp.extended('posix-rename@openssh.com', sftpString(made), sftpString(path));
      return;
    }
    await this.#sftp.remove(path).catch(() => undefined); // the rename tells
    await this.#sftp.rename(made, path);
  }
}

/** Writes without waiting for each answer; the first failure is told at the next chance. */
class GuestWriter implements FileWriter {
  readonly #sftp: SftpSession;
  readonly #handle: Buffer;
  readonly #onBytes: (bytes: number) => void;
  readonly #underWay = new Set<Promise<void>>();
  #failure: Error | undefined;
  #at = 0;
  #endsInHole = false;

  constructor(sftp: SftpSession, handle: Buffer, onBytes: (bytes: number) => void) {
    this.#sftp = sftp;
    this.#handle = handle;
    this.#onBytes = onBytes;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; from += this.#sftp.chunkBytes) {
      while (this.#underWay.size >= requestsInFlight) await Promise.race(this.#underWay);
      if (this.#failure !== undefined) throw this.#failure;
      this.#send(bytes.subarray(from, from + this.#sftp.chunkBytes));
    }
    this.#endsInHole = false;
  }

  skip(count: number): void {
    this.#at += count;
    this.#endsInHole = true;
    this.#onBytes(count);
  }

  async close(): Promise<void> {
    if (this.#endsInHole) this.#sendEnd();
    await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
    await this.#sftp.close(this.#handle);
  }

  async abandon(): Promise<void> {
    await this.#sftp.close(this.#handle).catch(() => undefined); // closed already, or the guest is gone
  }

  #send(piece: Buffer): void {
    this.#track(this.#sftp.write(this.#handle, this.#at, piece).then(() => this.#onBytes(piece.length)));
    this.#at += piece.length;
  }

  /** The last byte of a hole gives the file its length, at every server. */
  #sendEnd(): void {
    this.#track(this.#sftp.write(this.#handle, this.#at - 1, Buffer.alloc(1)));
  }

  #track(work: Promise<void>): void {
    const sent = work
      .catch((error: Error) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }
}

function factsOf({ size = 0, mode = fileType.file, modifiedAt = 0 }: SftpAttributes): FileFacts {
  const type = mode & fileType.mask;
  const kind =
    type === fileType.file ? 'file' : type === fileType.folder ? 'folder' : type === fileType.link ? 'link' : 'other';
  return { kind, bytes: size, mode: mode & 0o777, modifiedAt };
}

/** statvfs@openssh.com (OpenSSH's PROTOCOL file, 4.4): f_bsize, f_frsize, f_blocks, f_bfree, f_bavail. */
function availableBytes(answer: PacketReader): number {
  answer.uint64();
  const fragmentBytes = answer.uint64();
  answer.uint64();
  answer.uint64();
  return answer.uint64() * fragmentBytes;
}
