// SPDX-License-Identifier: MIT
import type { FileTree } from './file-tree.ts';

/** A stream as the only file of a tree, to be copied from once; its size is not known before its end. */
export function streamSource(stream: AsyncIterable<Buffer>): FileTree {
  const none = async (): Promise<never> => await Promise.reject(new Error('a stream can only be read'));
  return {
    look: async () =>
      await Promise.resolve({ kind: 'file', bytes: 0, mode: 0o666, modifiedAt: Math.floor(Date.now() / 1000) }),
    realPath: async (path) => await Promise.resolve(path),
    read: () => stream,
    hold: none,
    list: none,
    readLink: none,
    create: none,
    makeFolder: none,
    makeLink: none,
    publish: none,
    remove: none,
    change: none,
    freeBytes: none,
    isLost: () => false,
  };
}
