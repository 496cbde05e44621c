// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** Writes what is in a folder, as a tar archive. */
export async function packFolder(folder: string, to: Writable): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '-c', '-f', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  tar.stdout.pipe(to);
  await succeeded(once(tar, 'close'), `packing ${folder}`);
}

/** Fills a folder from a tar archive. tar(1) keeps names that lead out of it, by `..` or by links, from doing so. */
export async function unpackFolder(from: Readable, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = spawn('tar', ['-C', folder, '-x', '-f', '-', '--no-same-owner'], { stdio: ['pipe', 'inherit', 'inherit'] });
  tar.stdin.on('error', () => undefined); // EPIPE: its exit code tells
  from.pipe(tar.stdin);
  await succeeded(once(tar, 'close'), `unpacking to ${folder}`);
}

async function succeeded(closed: Promise<unknown[]>, what: string): Promise<void> {
  const [exitCode] = await closed;
  if (exitCode !== 0) throw new CliError(`${what} failed`, exitCodes.failed);
}
