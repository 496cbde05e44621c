// SPDX-License-Identifier: MIT
import { constants, type Stats } from 'node:fs';
import {
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  stat,
  statfs,
  symlink,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import { say } from '#messages/say.ts';
import { joinPath } from './byte-path.ts';
import type { FileFacts, FileTree, FileWriter, HeldFolder } from './file-tree.ts';

const chunkBytes = 255 * 1024;
/** O_PATH of open(2), which Node does not name: a place in the tree, for which no right to read it is needed. */
const asPlace = 0o10_000_000;

/** The files of this computer, as the user who runs this program. */
export const localFiles: FileTree = {
  async look(path, followsLinks) {
    try {
      return factsOf(await (followsLinks ? stat(path) : lstat(path)));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  realPath: async (path) => await realpath(path, { encoding: 'buffer' }),
  hold,
  async list(folder) {
    const names = await readdir(folder, { encoding: 'buffer' });
    const found = await Promise.all(
      names.map(async (name) => ({ name, facts: await localFiles.look(joinPath(folder, name), false) })),
    );
    return found.flatMap(({ name, facts }) => (facts === undefined ? [] : [{ name, facts }]));
  },
  readLink: async (path) => await readlink(path, { encoding: 'buffer' }),
  read,
  async create(path, mode, onBytes) {
    return new LocalWriter(
      await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode),
      onBytes,
    );
  },
  makeFolder: async (path, mode) => {
    await mkdir(path, { mode });
  },
  makeLink: async (target, path) => await symlink(target, path),
  publish,
  remove: unlink,
  async change(path, { mode, modifiedAt }) {
    if (mode !== undefined) await changeMode(path, mode);
    if (modifiedAt !== undefined) await lutimes(path, modifiedAt, modifiedAt);
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  isLost: () => false,
};

/** Through proc(5), because Node has no openat(2). */
async function hold(folder: Buffer, followsLinks: boolean): Promise<HeldFolder> {
  const file = await open(folder, asPlace | constants.O_DIRECTORY | (followsLinks ? 0 : constants.O_NOFOLLOW));
  const { dev, ino } = await file.stat({ bigint: true });
  return {
    path: Buffer.from(`/proc/self/fd/${file.fd}`),
    identity: `${dev}:${ino}`,
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Never by way of a link. */
async function changeMode(path: Buffer, mode: number): Promise<void> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  await file.chmod(mode);
}

async function* read(path: Buffer): AsyncGenerator<Buffer> {
  // A FIFO that took the file's place would else be waited for.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new Error(say('client.copy.no-file-any-more'));
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function publish(made: Buffer, path: Buffer, mayReplace: boolean): Promise<boolean> {
  if (mayReplace) {
    await rename(made, path);
    return true;
  }
  try {
    // rename(2) replaces; link(2) does not.
    await link(made, path);
    await unlink(made);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (await localFiles.look(path, false)) return false;
    await rename(made, path); // a file system without hard links
    return true;
  }
}

class LocalWriter implements FileWriter {
  readonly #file: FileHandle;
  readonly #onBytes: (bytes: number) => void;
  #at = 0;
  #endsInHole = false;

  constructor(file: FileHandle, onBytes: (bytes: number) => void) {
    this.#file = file;
    this.#onBytes = onBytes;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#at + at);
      at += bytesWritten;
    }
    this.#at += bytes.length;
    this.#endsInHole = false;
    this.#onBytes(bytes.length);
  }

  skip(count: number): void {
    this.#at += count;
    this.#endsInHole = true;
    this.#onBytes(count);
  }

  async close(): Promise<void> {
    if (this.#endsInHole) await this.#file.truncate(this.#at);
    await this.#file.close();
  }

  async abandon(): Promise<void> {
    // closed already, or the disk's complaint about bytes that nobody wants
    await this.#file.close().catch(() => undefined);
  }
}

function factsOf(found: Stats): FileFacts {
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
  const isSparse = found.blocks * 512 < found.size; // blocks of stat(2) are of 512 bytes on every file system
  return {
    kind,
    bytes: found.size,
    mode: found.mode & 0o777,
    modifiedAt: Math.max(0, Math.floor(found.mtimeMs / 1000)),
    isSparse,
  };
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
