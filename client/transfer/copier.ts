// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { joinPath, plainName, textOfPath } from './byte-path.ts';
import { CopyError } from './copy-error.ts';
import type { Destination } from './destination.ts';
import { explainFailure } from './explain.ts';
import type { FileFacts, FileTree, FileWriter } from './file-tree.ts';
import { piecesOf } from './holes.ts';
import { removeLeftovers, type PartFiles } from './part-file.ts';
import { Placement } from './placement.ts';
import type { SourceNode } from './scan.ts';

export type ConflictChoice = 'replace' | 'keep-both' | 'skip';

/** Something stands where something is to go. */
export interface Conflict {
  /** The path at the destination. */
  readonly path: string;
  readonly existing: FileFacts;
  readonly coming: FileFacts;
}

export interface CopyProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** What is being copied now. */
  readonly current: string | undefined;
}

/** Who looks on while something is copied. */
export interface CopyObserver {
  progress(progress: CopyProgress): void;
  choose(conflict: Conflict): Promise<ConflictChoice>;
  copied(path: string): void;
  skipped(path: string): void;
  failed(path: string, reason: string): void;
}

/** Small files are mostly waiting for answers: so many are under way at once. */
const filesInFlight = 6;
/** What putting things into a folder takes. */
const ownersRights = 0o700;
/** Less room than a block is none. */
const fullBelowBytes = 4096;

interface Place {
  readonly placement: Placement;
  readonly name: Buffer;
  readonly mayReplace: boolean;
}

/** One run of {@link copy}. */
export class Copier {
  readonly #from: FileTree;
  readonly #to: FileTree;
  readonly #parts: PartFiles;
  readonly #observer: CopyObserver;
  readonly #signal: AbortSignal;
  readonly #broken = new AbortController();
  readonly #aborted: Promise<never>;
  readonly #running = new Set<Promise<void>>();
  /** Made last, so that nothing is ever written by way of one of them. */
  readonly #links: { readonly node: SourceNode; readonly placement: Placement }[] = [];
  /** Folders that were made, with what is to be set once all is in them. */
  readonly #madeFolders: {
    readonly placement: Placement;
    readonly facts: FileFacts;
    readonly mode: number | undefined;
  }[] = [];
  #filesDone = 0;
  #filesTotal = 0;
  #bytesDone = 0;
  #bytesTotal = 0;
  #current: string | undefined;

  constructor(
    { from, to, parts }: { readonly from: FileTree; readonly to: FileTree; readonly parts: PartFiles },
    observer: CopyObserver,
    signal: AbortSignal,
  ) {
    this.#from = from;
    this.#to = to;
    this.#parts = parts;
    this.#observer = observer;
    this.#signal = AbortSignal.any([signal, this.#broken.signal]);
    this.#aborted = aborted(this.#signal);
    this.#aborted.catch(() => undefined); // for whoever waits for an answer; the others look at the signal
  }

  get bytesTotal(): number {
    return this.#bytesTotal;
  }

  found({ kind, bytes }: FileFacts): void {
    if (kind !== 'file') return;
    this.#filesTotal += 1;
    this.#bytesTotal += bytes;
    this.#report();
  }

  failed(path: Buffer, reason: string): void {
    this.#observer.failed(textOfPath(path), reason);
  }

  /** @throws CopyError when a side went away; the signal's reason */
  async run(sources: readonly SourceNode[], { folder, name }: Destination): Promise<void> {
    const placement = await Placement.named(this.#to, folder);
    try {
      for (const source of sources) await this.#put(name === undefined ? source : { ...source, name }, placement);
      await Promise.all(this.#running);
      this.#signal.throwIfAborted();
      for (const { node, placement: place } of this.#links) await this.#attempt(node, () => this.#putLink(node, place));
    } catch (error) {
      this.#broken.abort(error);
      await Promise.allSettled(this.#running);
      throw error;
    }
    for (const { placement: made, facts, mode } of this.#madeFolders.reverse())
      await this.#finishFolder(made, facts, mode);
  }

  async #put(node: SourceNode, placement: Placement): Promise<void> {
    this.#signal.throwIfAborted();
    switch (node.facts.kind) {
      case 'folder':
        return await this.#attempt(node, () => this.#putFolder(node, placement));
      case 'file':
        return await this.#attempt(node, () => this.#startFile(node, placement));
      case 'link':
        return void this.#links.push({ node, placement });
      case 'other':
        return this.failed(node.path, say('client.copy.neither'));
      default:
        return node.facts.kind satisfies never;
    }
  }

  async #putFolder(node: SourceNode, placement: Placement): Promise<void> {
    const inner = await this.#folderFor(node, placement);
    if (inner === undefined) return this.#leaveOut(node);
    for (const child of node.children) await this.#put(child, inner);
  }

  /** The folder's own at the destination: one that is there is gone into, as cp(1) does. */
  async #folderFor(node: SourceNode, placement: Placement): Promise<Placement | undefined> {
    const existing = await placement.find(node.name);
    if (existing?.kind === 'folder') {
      const inner = await placement.found(node.name);
      await using folder = await inner.hold();
      await removeLeftovers(this.#to, folder.path, inner.names());
      return inner;
    }
    const place = await this.#placeFor(node, placement);
    if (place === undefined) return undefined;
    if (place.mayReplace) return (this.failed(placement.in(node.name), say('client.copy.file-there')), undefined);
    const inner = await placement.made(place.name, node.facts.mode | ownersRights);
    this.#madeFolders.push({ placement: inner, facts: node.facts, mode: await this.#keepToOwner(inner, node.facts) });
    this.#observer.copied(textOfPath(inner.path));
    return inner;
  }

  /** Waits for its turn, then copies the file beside whatever comes next. */
  async #startFile(node: SourceNode, placement: Placement): Promise<void> {
    const place = await this.#placeFor(node, placement);
    if (place === undefined) return this.#leaveOut(node);
    while (this.#running.size >= filesInFlight) await Promise.race(this.#running);
    this.#signal.throwIfAborted();
    const copied = this.#attempt(node, () => this.#copyFile(node, place)).finally(() => this.#running.delete(copied));
    copied.catch((error: unknown) => this.#broken.abort(error)); // awaited with the others, too
    this.#running.add(copied);
  }

  async #copyFile(node: SourceNode, { placement, name, mayReplace }: Place): Promise<void> {
    await using folder = await placement.hold();
    const path = joinPath(folder.path, plainName(name));
    const made = joinPath(folder.path, this.#parts.next());
    let bytes = 0;
    const writer = await this.#to.create(made, node.facts.mode, (count) => {
      bytes += count;
      this.#bytesDone += count;
      this.#report(node.name);
    });
    let isPublished = false;
    try {
      for await (const chunk of this.#from.read(node.path)) {
        this.#signal.throwIfAborted();
        await put(writer, chunk, node.facts);
      }
      await writer.close();
      this.#signal.throwIfAborted();
      // not every file system keeps times
      await this.#to.change(made, { modifiedAt: node.facts.modifiedAt }).catch(() => undefined);
      isPublished = await this.#to.publish(made, path, mayReplace);
      if (!isPublished) throw new Error(say('client.copy.appeared'));
      this.#filesDone += 1;
      this.#bytesTotal += bytes - node.facts.bytes; // it may have grown since it was found
      this.#observer.copied(textOfPath(placement.in(name)));
    } catch (error) {
      // SFTP has no word for it.
      throw (await this.#isFull(folder.path)) ? new CopyError(say('client.copy.disk-full'), error) : error;
    } finally {
      if (!isPublished) {
        this.#bytesDone -= bytes;
        await writer.abandon();
        await this.#to.remove(made).catch(() => undefined); // the side that it lies on may be gone
      }
      this.#report();
    }
  }

  async #isFull(folder: Buffer): Promise<boolean> {
    const free = await this.#to.freeBytes(folder).catch(() => undefined); // the side may be gone
    return free !== undefined && free < fullBelowBytes;
  }

  async #putLink(node: SourceNode, placement: Placement): Promise<void> {
    this.#signal.throwIfAborted();
    const place = await this.#placeFor(node, placement);
    if (place === undefined) return;
    const target = await this.#from.readLink(node.path);
    await using folder = await placement.hold();
    const path = joinPath(folder.path, plainName(place.name));
    if (!place.mayReplace) {
      await this.#to.makeLink(target, path);
    } else {
      const made = joinPath(folder.path, this.#parts.next());
      await this.#to.makeLink(target, made);
      await this.#to.publish(made, path, true);
    }
    this.#observer.copied(textOfPath(placement.in(place.name)));
  }

  /** Where something goes; undefined where it is not to be copied, which has been told then. */
  async #placeFor(node: SourceNode, placement: Placement): Promise<Place | undefined> {
    const existing = await placement.find(node.name);
    const take = (name: Buffer, mayReplace: boolean): Place => {
      placement.claim(name, node.facts);
      return { placement, name, mayReplace };
    };
    if (existing === undefined) return take(node.name, false);
    const path = placement.in(node.name);
    const choice = await Promise.race([
      this.#observer.choose({ path: textOfPath(path), existing, coming: node.facts }),
      this.#aborted,
    ]);
    switch (choice) {
      case 'skip':
        this.#observer.skipped(textOfPath(path));
        return undefined;
      case 'keep-both':
        return take(await placement.freeName(node.name), false);
      case 'replace':
        if (existing.kind === 'folder') return (this.failed(path, say('client.copy.folder-there')), undefined);
        return { placement, name: node.name, mayReplace: true };
      default:
        return choice satisfies never;
    }
  }

  /** What is in a node will not come. */
  #leaveOut(node: SourceNode): void {
    if (node.facts.kind === 'file') {
      this.#filesTotal -= 1;
      this.#bytesTotal -= node.facts.bytes;
    }
    for (const child of node.children) this.#leaveOut(child);
    this.#report();
  }

  /** A failure is told and costs no other file, unless a side has gone. */
  async #attempt(node: SourceNode, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      const side = [this.#to, this.#from].find((each) => each.isLost(error));
      if (side) throw new CopyError(explainFailure(error), error);
      this.failed(node.path, explainFailure(error));
      this.#leaveOut(node);
    }
  }

  /**
   * A folder whose owner is to lack a right is the owner's alone while it is filled. Returns the mode that it gets
   * then: its own, as far as the umask lets it, which making it has shown; undefined where it has that already, or
   * nobody can tell.
   */
  async #keepToOwner(placement: Placement, { mode }: FileFacts): Promise<number | undefined> {
    if ((mode & ownersRights) === ownersRights) return undefined;
    try {
      await using folder = await placement.hold();
      const itself = joinPath(folder.path, Buffer.from('.'));
      const made = await this.#to.look(itself, true);
      await this.#to.change(itself, { mode: ownersRights });
      return made && mode & made.mode;
    } catch (error) {
      if (this.#to.isLost(error)) throw error;
      return undefined; // not every file system keeps modes
    }
  }

  async #finishFolder(placement: Placement, { modifiedAt }: FileFacts, mode: number | undefined): Promise<void> {
    try {
      await using folder = await placement.hold();
      await this.#to.change(joinPath(folder.path, Buffer.from('.')), {
        modifiedAt,
        ...(mode === undefined ? {} : { mode }),
      });
    } catch {
      // Not every file system keeps them, and what is in it is there.
    }
  }

  #report(name?: Buffer): void {
    if (name !== undefined) this.#current = textOfPath(name);
    this.#observer.progress({
      filesDone: this.#filesDone,
      filesTotal: this.#filesTotal,
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
      current: this.#current,
    });
  }
}

/** A file without holes keeps its zeros: it may have been given its room on purpose, as swapon(8) wants it. */
async function put(writer: FileWriter, chunk: Buffer, { isSparse }: FileFacts): Promise<void> {
  if (isSparse === false) return await writer.write(chunk);
  for (const { bytes, isHole } of piecesOf(chunk)) {
    if (isHole) writer.skip(bytes.length);
    else await writer.write(bytes);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
