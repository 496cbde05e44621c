// SPDX-License-Identifier: MIT
import { constants, type Stats } from 'node:fs';
import { chmod, link, lstat, mkdir, open, readdir, readlink, realpath, rename, stat, statfs, symlink, unlink, utimes, type FileHandle } from 'node:fs/promises';
import { joinPath } from './byte-path.ts';
import type { FileFacts, FileTree, FileWriter } from './file-tree.ts';

const chunkBytes = 255 * 1024;

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
  async list(folder) {
    const names = await readdir(folder, { encoding: 'buffer' });
    const found = await Promise.all(names.map(async (name) => ({ name, facts: await localFiles.look(joinPath(folder, name), false) })));
    return found.flatMap(({ name, facts }) => (facts === undefined ? [] : [{ name, facts }]));
  },
  readLink: async (path) => await readlink(path, { encoding: 'buffer' }),
  read,
  async create(path, mode, onBytes) {
    return new LocalWriter(await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode), onBytes);
  },
  makeFolder: async (path, mode) => { await mkdir(path, { mode }); },
  makeLink: async (target, path) => await symlink(target, path),
  publish,
  remove: unlink,
  async change(path, { mode, modifiedAt }) {
    if (mode !== undefined) await chmod(path, mode);
    if (modifiedAt !== undefined) await utimes(path, modifiedAt, modifiedAt);
  },
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  isLost: () => false,
};

async function* read(path: Buffer): AsyncGenerator<Buffer> {
  // A FIFO that took the file's place would else be waited for.
  await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new Error('it is no file any more');
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

  constructor(file: FileHandle, onBytes: (bytes: number) => void) {
    this.#file = file;
    this.#onBytes = onBytes;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at);
      at += bytesWritten;
    }
    this.#onBytes(bytes.length);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined); // closed already, or the disk's complaint about bytes that nobody wants
  }
}

function factsOf(found: Stats): FileFacts {
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other';
  return { kind, bytes: found.size, mode: found.mode & 0o777, modifiedAt: Math.max(0, Math.floor(found.mtimeMs / 1000)) };
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
