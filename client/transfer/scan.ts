// SPDX-License-Identifier: MIT
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { baseName, joinPath, plainName, textOfPath } from './byte-path.ts';
import { CopyError } from './copy-error.ts';
import { explainFailure } from './explain.ts';
import type { FileFacts, FileTree } from './file-tree.ts';

/** PATH_MAX. */
const longestPathBytes = 4096;
const deepest = 256;
/** An endless tree, as a guest could show one, would fill this program's memory. */
const most = { entries: 1_000_000, pathBytes: 256 * 1024 ** 2 };
const nothing: readonly never[] = [];

/** Something to copy, with what is in it. */
export interface SourceNode {
  /** What it is called at its destination. */
  readonly name: Buffer;
  readonly path: Buffer;
  readonly facts: FileFacts;
  readonly children: readonly SourceNode[];
}

/** What one copy may still find, in all its sources. */
export class ScanBudget {
  readonly #most: typeof most;
  #entries = 0;
  #pathBytes = 0;

  constructor(limits = most) {
    this.#most = limits;
  }

  /** @throws CopyError when it is used up */
  take(path: Buffer): void {
    this.#entries += 1;
    this.#pathBytes += path.length;
    const { entries, pathBytes } = this.#most;
    if (this.#entries > entries) throw new CopyError(say('client.copy.too-many', { count: entries }));
    if (this.#pathBytes > pathBytes)
      throw new CopyError(say('client.copy.paths-too-long', { size: formatBytes(pathBytes) }));
  }
}

export interface ScanOptions {
  readonly budget: ScanBudget;
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
    if (facts === undefined) throw new CopyError(say('client.copy.no-such-file'));
    const real = await from.realPath(path);
    return { name: nameOf(path, real), path: real, facts };
  } catch (error) {
    throw new CopyError(say('client.copy.at', { path: textOfPath(path), reason: explainFailure(error) }), error);
  }
}

/**
 * As it was asked for; where that is no name, such as `.` or `..`, as the other side calls it, which must be one then.
 */
function nameOf(asked: Buffer, real: Buffer): Buffer {
  const own = baseName(asked);
  if (own.length > 0 && !['.', '..'].includes(own.toString('latin1'))) return plainName(own);
  return real.equals(Buffer.from('/')) ? Buffer.from('root') : plainName(baseName(real));
}

/** All that is in a source. Links within it are kept as links. @throws CopyError when the budget is used up */
export async function scan(
  from: FileTree,
  source: Omit<SourceNode, 'children'>,
  options: ScanOptions,
): Promise<SourceNode> {
  return await scanBelow(from, source, options, 0);
}

async function scanBelow(
  from: FileTree,
  source: Omit<SourceNode, 'children'>,
  options: ScanOptions,
  depth: number,
): Promise<SourceNode> {
  options.signal.throwIfAborted();
  options.onFound(source.facts);
  if (source.facts.kind !== 'folder') return { ...source, children: nothing };
  const children: SourceNode[] = [];
  try {
    if (depth >= deepest) throw new Error(tooDeep);
    for (const { name, facts } of await from.list(source.path)) {
      options.budget.take(source.path);
      const child = childOf(source, name, options);
      if (child !== undefined) children.push(await scanBelow(from, { ...child, facts }, options, depth + 1));
    }
  } catch (error) {
    if (options.signal.aborted || from.isLost(error) || error instanceof CopyError) throw error;
    options.onFailure(source.path, error);
  }
  return { ...source, children };
}

const tooDeep = 'its folders go too deep';

/** A name that would leave the folder, here or at the destination, costs that one entry. */
function childOf(
  { path: folder }: Pick<SourceNode, 'path'>,
  name: Buffer,
  { onFailure }: ScanOptions,
): Pick<SourceNode, 'name' | 'path'> | undefined {
  try {
    const path = joinPath(folder, plainName(name));
    if (path.length > longestPathBytes) throw new Error(tooDeep);
    return { name, path };
  } catch (error) {
    onFailure(folder, error);
    return undefined;
  }
}
