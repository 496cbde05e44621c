// SPDX-License-Identifier: MIT
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { Copier, type CopyObserver } from './copier.ts';
import { CopyError } from './copy-error.ts';
import type { Destination } from './destination.ts';
import { explainFailure } from './explain.ts';
import type { FileTree } from './file-tree.ts';
import { PartFiles, removeLeftovers } from './part-file.ts';
import { findSource, scan, ScanBudget, type SourceNode } from './scan.ts';

export interface CopyRequest {
  readonly from: FileTree;
  readonly to: FileTree;
  readonly sources: readonly Buffer[];
  readonly destination: Destination;
}

/**
 * Copies files, and folders with all in them, from this computer to a guest, back, or between guests. Each file appears
 * under its name when it is whole; what fails is told to the observer and holds nothing else back.
 *
 * @throws CopyError where nothing can be copied at all, or the other side went away; the signal's reason
 */
export async function copy(request: CopyRequest, observer: CopyObserver, signal: AbortSignal): Promise<void> {
  const { from, to, destination } = request;
  const found = [];
  for (const path of request.sources) found.push(await findSource(from, path));
  using parts = await PartFiles.begin();
  const swept = sweep(to, destination.folder);
  const copier = new Copier({ from, to, parts }, observer, signal);
  const sources: SourceNode[] = [];
  const budget = new ScanBudget();
  for (const source of found) {
    sources.push(
      await scan(from, source, {
        signal,
        budget,
        onFound: (facts) => copier.found(facts),
        onFailure: (path, error) => copier.failed(path, explainFailure(error)),
      }),
    );
  }
  await swept; // it may be what takes the room
  await requireSpace(to, destination, copier.bytesTotal);
  await copier.run(sources, destination);
}

/** What an earlier copy into that folder left. */
async function sweep(to: FileTree, folder: Buffer): Promise<void> {
  await using held = await to.hold(folder, true);
  const found = await to.list(held.path).catch(() => []); // a folder may be written to without being read
  await removeLeftovers(
    to,
    held.path,
    found.map(({ name }) => name),
  );
}

async function requireSpace(to: FileTree, { folder }: Destination, bytes: number): Promise<void> {
  const free = await to.freeBytes(folder).catch(() => undefined); // without an answer the disk itself tells
  if (free !== undefined && bytes > free)
    throw new CopyError(say('client.copy.no-room', { needed: formatBytes(bytes), free: formatBytes(free) }));
}
