// SPDX-License-Identifier: MIT
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { InstanceName } from '#contract/names.ts';
import { say } from '#messages/say.ts';
import { pathOfText } from '../../client/transfer/byte-path.ts';
import { copy } from '../../client/transfer/copy.ts';
import { CopyError } from '../../client/transfer/copy-error.ts';
import { resolveDestination } from '../../client/transfer/destination.ts';
import type { FileTree } from '../../client/transfer/file-tree.ts';
import { findSource } from '../../client/transfer/scan.ts';
import { localFiles } from '../../client/transfer/local-files.ts';
import { openGuestFiles } from '../../client/transfer/open-guest-files.ts';
import { streamSource } from '../../client/transfer/stream-source.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { guestPathOf } from '../guest-path.ts';
import type { IfExists } from '../option-values.ts';
import { canAsk } from '../prompts.ts';
import { TransferReport } from '../transfer-report.ts';

export interface TransferOptions {
  readonly recursive?: boolean | undefined;
  readonly ifExists: IfExists;
}

/** A word of the command line: a path of a guest, of this computer, or `-`. */
interface Place {
  readonly name: InstanceName | undefined;
  readonly path: Buffer;
  readonly isStream: boolean;
}

/** `berth transfer`: copies files and folders between this computer and instances; `-` is stdin or stdout. */
export async function transfer(
  context: CommandContext,
  words: readonly string[],
  options: TransferOptions,
): Promise<number> {
  const places = words.map(placeOf);
  const to = places.at(-1);
  const sources = places.slice(0, -1);
  if (!to || sources.length === 0) throw new CliError(say('cli.transfer.what-and-where'), exitCodes.usage);
  requireSides(sources, to);
  if (options.ifExists === 'ask' && !canAsk()) throw new CliError(say('cli.transfer.cannot-ask'), exitCodes.usage);
  const interruption = new AbortController();
  const onSignal = (): void =>
    interruption.signal.aborted ? process.exit(exitCodes.interrupted) : interruption.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  await using guests = new Guests(context, interruption.signal);
  const report = new TransferReport(context, { ifExists: options.ifExists, target: to.name, onInterrupt: onSignal });
  try {
    if (to.isStream) await writeOut(guests, sources);
    else
      await copyAll(guests, {
        sources,
        to,
        report,
        isRecursive: options.recursive === true,
        signal: interruption.signal,
      });
  } catch (error) {
    report.close();
    if (interruption.signal.aborted) throw new CliError(say('cli.transfer.stopped'), exitCodes.interrupted);
    if (error instanceof CopyError) throw new CliError(error.message, exitCodes.failed);
    throw error;
  }
  return report.close();
}

async function copyAll(
  guests: Guests,
  {
    sources,
    to,
    report,
    isRecursive,
    signal,
  }: {
    readonly sources: readonly Place[];
    readonly to: Place;
    readonly report: TransferReport;
    readonly isRecursive: boolean;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const target = await guests.treeOf(to);
  const groups = Map.groupBy(sources, ({ name, isStream }) => (isStream ? '-' : name));
  for (const group of groups.values())
    for (const source of group)
      if (!source.isStream && !isRecursive) await named(source, requireFile(await guests.treeOf(source), source.path));
  const destination = await named(to, resolveDestination(target, to.path, sources.length));
  for (const group of groups.values()) {
    const from = group[0]!.isStream ? streamSource(process.stdin) : await guests.treeOf(group[0]!);
    await copy({ from, to: target, sources: group.map(({ path }) => path), destination }, report, signal);
  }
}

async function writeOut(guests: Guests, sources: readonly Place[]): Promise<void> {
  for (const source of sources) {
    const from = await guests.treeOf(source);
    const { path } = await named(source, requireFile(from, source.path));
    await pipeline(Readable.from(from.read(path)), process.stdout, { end: false });
  }
}

/** What fails at a place of a guest tells which guest, as two may take part: the messages begin with the path. */
async function named<T>({ name }: Place, work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw name !== undefined && error instanceof CopyError ? new CopyError(`${name}:${error.message}`, error) : error;
  });
}

async function requireFile(from: FileTree, path: Buffer): Promise<{ readonly path: Buffer }> {
  const found = await findSource(from, path);
  if (found.facts.kind === 'folder')
    throw new CliError(say('cli.transfer.is-folder', { path: found.path.toString() }), exitCodes.usage);
  return found;
}

/** The files of the guests that are named, opened at the first use. */
class Guests implements AsyncDisposable {
  readonly #context: CommandContext;
  readonly #signal: AbortSignal;
  readonly #opened = new Map<InstanceName, Awaited<ReturnType<typeof openGuestFiles>>>();

  constructor(context: CommandContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  async treeOf({ name }: Pick<Place, 'name'>): Promise<FileTree> {
    if (name === undefined) return localFiles;
    const known = this.#opened.get(name);
    if (known) return known.files;
    const connection = await this.#context.connect();
    const { sftp } = await connection.request('files.open', { name }, { signal: this.#signal });
    const opened = await openGuestFiles(await connection.openStream(sftp), this.#signal);
    this.#opened.set(name, opened);
    return opened.files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.values()) opened[Symbol.dispose]();
    await Promise.resolve();
  }
}

function requireSides(sources: readonly Place[], to: Place): void {
  const isOneAGuest = to.name !== undefined || sources.every(({ name }) => name !== undefined);
  if (!isOneAGuest) throw new CliError(say('cli.transfer.sides'), exitCodes.usage);
  if (sources.some(({ isStream }) => isStream) && sources.length > 1)
    throw new CliError(say('cli.transfer.stdin-alone'), exitCodes.usage);
}

function placeOf(word: string): Place {
  if (word === '-') return { name: undefined, path: Buffer.from('stdin'), isStream: true };
  const inGuest = guestPathOf(word);
  try {
    const path = pathOfText(inGuest ? inGuest.path : word);
    return { name: inGuest?.name, path, isStream: false };
  } catch (error) {
    throw new CliError(
      say('cli.transfer.failed', { path: word, reason: error instanceof Error ? error.message : String(error) }),
      exitCodes.usage,
    );
  }
}
