// SPDX-License-Identifier: MIT
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { AccessMode } from '#contract/security.ts';
import { HelperError } from '../../core/errors.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { rightsOf } from '../../core/rights-of.ts';
import { denied } from './resolve-grant.ts';

const limitMs = 10_000;

interface FileAccessOptions {
  /** The user whose file it is, or who may at least say who else opens it: all is done with his rights. */
  readonly giver: Credentials;
  /** The user that the machine runs as. */
  readonly machine: Credentials;
  readonly runner: ProcessRunner;
  readonly signal: AbortSignal;
}

/**
 * Lets a machine's user open a file: by entries for that one user in the access control lists (acl(5)) of the file and,
 * where he could not pass, of the folders on the way. Nothing changes for anybody else, and nothing at all where he may already.
 *
 * @throws HelperError grant.denied where the giver cannot do that; nothing is left then
 */
export async function openFor(file: string, mode: AccessMode, options: FileAccessOptions): Promise<void> {
  if (await mayOpen(file, mode, options)) return;
  const set: string[] = [];
  try {
    for (const folder of foldersOf(file)) {
      if (await maySearch(folder, options)) continue;
      await setEntry(folder, 'x', options);
      set.push(folder);
    }
    await setEntry(file, mode, options);
    set.push(file);
    if (!(await mayOpen(file, mode, options))) throw denied(options.giver.uid, file, 'the machine\'s user may not open it all the same');
  } catch (error) {
    for (const each of set.toReversed()) await removeEntry(each, options);
    throw error;
  }
}

/** Takes the entries away again; folders that lead to `others` keep theirs. What is gone meanwhile needs nothing. */
export async function closeFor(file: string, others: readonly string[], options: FileAccessOptions): Promise<void> {
  const needed = new Set(others.flatMap(foldersOf));
  for (const each of [file, ...foldersOf(file).toReversed()]) {
    if (!needed.has(each) && (await hasEntry(each, options))) await removeEntry(each, options);
  }
}

/** From the root down, without the root. */
export function foldersOf(file: string): string[] {
  const parts = path.dirname(file).split('/').filter((part) => part !== '');
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

function mayOpen(file: string, mode: AccessMode, options: FileAccessOptions): Promise<boolean> {
  return succeeds(options, options.machine, 'sh', ['-c', mode === 'r' ? 'exec 3< "$1"' : '[ -e "$1" ] && exec 3<> "$1"', 'open', file]);
}

function maySearch(folder: string, options: FileAccessOptions): Promise<boolean> {
  return succeeds(options, options.machine, 'sh', ['-c', 'cd "$1"', 'search', folder]);
}

async function hasEntry(file: string, { machine, giver, runner, signal }: FileAccessOptions): Promise<boolean> {
  const spec = { program: 'getfacl', args: ['--omit-header', '--numeric', '--absolute-names', '--', file], confinement: 'none-needed', ...rightsOf(giver) } as const;
  const { stdout } = await runner.run(spec, { signal, timeoutMs: limitMs }).catch(() => ({ stdout: '' })); // gone, or not to be seen any more
  return stdout.split('\n').some((line) => line.startsWith(`user:${machine.uid}:`));
}

async function setEntry(file: string, permissions: AccessMode | 'x', { machine, giver, runner, signal }: FileAccessOptions): Promise<void> {
  const args = ['--modify', `u:${machine.uid}:${permissions}`, '--', file];
  await runner.run({ program: 'setfacl', args, confinement: 'none-needed', ...rightsOf(await changerOf(file, giver)) }, { signal, timeoutMs: limitMs }).catch((error: unknown) => {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    if (error.params['status'] === 'not installed') throw error;
    throw denied(giver.uid, file, `the machine's user may not open it, and you may not let him: ${String(error.params['reason'] ?? '')}`, error);
  });
}

/** Root does it as the owner: the path of a file of somebody's can lead to a file of root's a moment later. */
async function changerOf(file: string, giver: Credentials): Promise<Credentials> {
  if (giver.uid !== 0) return giver;
  return await lstat(file).then(({ uid, gid }) => ({ uid, gid }), () => giver); // gone: setfacl says so
}

async function removeEntry(file: string, options: FileAccessOptions): Promise<void> {
  await succeeds(options, await changerOf(file, options.giver), 'setfacl', ['--remove', `u:${options.machine.uid}`, '--', file]);
}

async function succeeds({ runner, signal }: FileAccessOptions, who: Credentials, program: string, args: readonly string[]): Promise<boolean> {
  try {
    await runner.run({ program, args, confinement: 'none-needed', ...rightsOf(who) }, { signal, timeoutMs: limitMs });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HelperError && error.code === 'process.failed' && error.params['status'] !== 'not installed') return false;
    throw error;
  }
}
