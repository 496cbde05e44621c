// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { baseName, parentOf, textOfPath } from './byte-path.ts';
import { CopyError } from './copy-error.ts';
import { explainFailure } from './explain.ts';
import type { FileTree } from './file-tree.ts';

/** The folder that things go into, and the name of the one thing where it was given. */
export interface Destination {
  readonly folder: Buffer;
  readonly name?: Buffer;
}

/**
 * As cp(1) reads its last word: a folder that is there takes the sources under their own names, what
 * is not there becomes the name of the only source. @throws CopyError
 */
export async function resolveDestination(to: FileTree, path: Buffer, sourceCount: number): Promise<Destination> {
  const explain = (error: unknown): CopyError =>
    new CopyError(say('client.copy.at', { path: textOfPath(path), reason: explainFailure(error) }), error);
  const found = await to.look(path, true).catch((error: unknown) => {
    throw explain(error);
  });
  if (found?.kind === 'folder') return { folder: await to.realPath(path) };
  if (sourceCount > 1 || path.at(-1) === 0x2f)
    throw new CopyError(say('client.copy.no-folder', { path: textOfPath(path) }));
  const folder = parentOf(path);
  const parent = await to.look(folder, true).catch((error: unknown) => {
    throw explain(error);
  });
  if (parent?.kind !== 'folder') throw new CopyError(say('client.copy.no-folder', { path: textOfPath(folder) }));
  return { folder: await to.realPath(folder), name: baseName(path) };
}
