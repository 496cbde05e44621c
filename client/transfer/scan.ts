// SPDX-License-Identifier: MIT
import { baseName, isPlainName, joinPath, textOfPath } from './byte-path.ts';
import { CopyError } from './copy-error.ts';
import { explainFailure } from './explain.ts';
import type { FileFacts, FileTree } from './file-tree.ts';

/** PATH_MAX: an endless tree, as a guest could show one, ends here at the latest. */
const longestPathBytes = 4096;

/** Something to copy, with what is in it. */
export interface SourceNode {
  /** What it is called at its destination. */
  readonly name: Buffer;
  readonly path: Buffer;
  readonly facts: FileFacts;
  readonly children: readonly SourceNode[];
}

export interface ScanOptions {
  readonly signal: AbortSignal;
  /** Called for each thing found. */
  readonly onFound: (facts: FileFacts) => void;
  /** What cannot be looked into is left out. */
  readonly onFailure: (path: Buffer, error: unknown) => void;
}

/** A source as it was named: a link is followed, as people mean what it leads to. @throws CopyError */
export async function findSource(from: FileTree, path: Buffer): Promise<Omit<SourceNode, 'children'>> {
  try {
    const facts = await from.look(path, true);
    if (facts === undefined) throw new CopyError('there is no such file or folder');
    const real = await from.realPath(path);
    const asked = baseName(path);
    const name = isPlainName(asked) ? asked : baseName(real);
    return { name: name.length === 0 ? Buffer.from('root') : name, path: real, facts };
  } catch (error) {
    throw new CopyError(`${textOfPath(path)}: ${explainFailure(error)}`, error);
  }
}

/** All that is in a source. Links within it are kept as links. */
export async function scan(from: FileTree, source: Omit<SourceNode, 'children'>, options: ScanOptions): Promise<SourceNode> {
  options.signal.throwIfAborted();
  options.onFound(source.facts);
  if (source.facts.kind !== 'folder') return { ...source, children: [] };
  const children: SourceNode[] = [];
  try {
    for (const { name, facts } of await from.list(source.path)) {
      const path = joinPath(source.path, name);
      // A name with a slash would leave the folder, here or at the destination.
      if (!isPlainName(name) || path.length > longestPathBytes) throw new CopyError('its list of names cannot be true');
      children.push(await scan(from, { name, path, facts }, options));
    }
  } catch (error) {
    if (options.signal.aborted || from.isLost(error)) throw error;
    options.onFailure(source.path, error);
  }
  return { ...source, children };
}
