// SPDX-License-Identifier: MIT
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import type { HelperConnection } from '../connect.ts';
import { exitCodes } from '../exit-codes.ts';
import { runInGuest } from '../guest-command.ts';
import { guestPathOf, type GuestPath } from '../guest-path.ts';
import { packFolder, unpackFolder } from '../local-tar.ts';

interface Place extends GuestPath {
  readonly path: string;
}

/** Writes stdin to a file, or into a folder under a name. */
const receiveFile = 'target=$1; if [ -d "$target" ]; then target=$target/$2; fi; cat > "$target" && { [ -z "$3" ] || chmod "$3" "$target"; }';
/** As cp -r: into a folder that is there, else as it. */
const receiveFolder = 'target=$1; if [ -d "$target" ]; then target=$target/$2; fi; mkdir -p "$target" && exec tar -C "$target" -x -f -';

/** `berth transfer`: copies files and folders between this computer and instances; `-` is stdin or stdout. */
export async function transfer(context: CommandContext, words: readonly string[], options: { readonly recursive?: boolean | undefined }): Promise<void> {
  const sources = words.slice(0, -1);
  const destination = words.at(-1) ?? '';
  if (sources.length === 0) throw new CliError('transfer: say what to copy and where to', exitCodes.usage);
  const to = guestPathOf(destination);
  const from = sources.map(guestPathOf);
  if (from.every((place) => place === undefined) === (to === undefined)) {
    throw new CliError('transfer: one side is an instance, as NAME:PATH, and the other is this computer', exitCodes.usage);
  }
  const connection = await context.connect();
  for (const [index, source] of sources.entries()) {
    const place = from[index];
    if (place && to === undefined) await download(connection, place, destination, options.recursive === true);
    else if (!place && to) await upload(connection, source, to, options.recursive === true);
    else throw new CliError(`transfer: ${source} is not on the other side of ${destination}`, exitCodes.usage);
  }
}

async function upload(connection: HelperConnection, source: string, to: Place, isRecursive: boolean): Promise<void> {
  if (source === '-') {
    const command = await runInGuest(connection, to.name, ['sh', '-c', receiveFile, 'sh', to.path, 'stdin', '']);
    process.stdin.pipe(command.stream);
    command.stream.resume();
    await command.done();
    return;
  }
  const found = await stat(source).catch((error: NodeJS.ErrnoException) => { throw new CliError(`${source}: ${error.message}`, exitCodes.failed); });
  const name = path.basename(path.resolve(source));
  if (found.isDirectory()) {
    if (!isRecursive) throw new CliError(`${source} is a folder; copy it with --recursive`, exitCodes.usage);
    const command = await runInGuest(connection, to.name, ['sh', '-c', receiveFolder, 'sh', to.path, name]);
    command.stream.resume();
    await Promise.all([packFolder(source, command.stream), command.done()]);
    return;
  }
  if (!found.isFile()) throw new CliError(`${source} is neither a file nor a folder`, exitCodes.failed);
  const mode = (found.mode & 0o777).toString(8);
  const command = await runInGuest(connection, to.name, ['sh', '-c', receiveFile, 'sh', to.path, name, mode]);
  command.stream.resume();
  const sent = pipeline(createReadStream(source), command.stream).catch(() => undefined); // what went wrong is told by the command
  await Promise.all([sent, command.done()]);
}

async function download(connection: HelperConnection, from: Place, destination: string, isRecursive: boolean): Promise<void> {
  if (isRecursive && await isGuestFolder(connection, from)) {
    if (destination === '-') throw new CliError('a folder cannot be written to stdout', exitCodes.usage);
    const folder = await localTarget(destination, from.path);
    const command = await runInGuest(connection, from.name, ['tar', '-C', from.path, '-c', '-f', '-', '.']);
    command.stream.end();
    await Promise.all([unpackFolder(command.stream, folder), command.done()]);
    return;
  }
  const command = await runInGuest(connection, from.name, ['sh', '-c', 'exec cat < "$1"', 'sh', from.path]);
  command.stream.end();
  if (destination === '-') {
    command.stream.pipe(process.stdout, { end: false });
    await command.done();
    return;
  }
  await Promise.all([pipeline(command.stream, createWriteStream(await localTarget(destination, from.path))), command.done()]);
}

async function isGuestFolder(connection: HelperConnection, { name, path: folder }: Place): Promise<boolean> {
  const command = await runInGuest(connection, name, ['test', '-d', folder]);
  command.stream.end();
  command.stream.resume();
  return await command.done().then(() => true, () => false);
}

/** Into a folder that is there, under the name it had; else as the destination itself. */
async function localTarget(destination: string, source: string): Promise<string> {
  const isFolder = await stat(destination).then((found) => found.isDirectory(), () => false);
  return isFolder ? path.join(destination, path.posix.basename(path.posix.resolve('/', source)) || 'root') : destination;
}
