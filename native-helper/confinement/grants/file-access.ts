// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { AccessMode } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Credentials, ProcessRunner, ProcessSpec } from '../../core/seams/processes.ts';
import { rightsOf } from '../../core/rights-of.ts';
import { ownProgram } from '../../core/own-program.ts';
import { byDescriptor } from './by-descriptor/command.ts';
import { denied } from './resolve-grant.ts';

const mayOpenProgram = ownProgram(import.meta.dirname, 'may-open/main.ts', 'may-open.mjs');
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
 * where he could not pass, of the folders on the way. Nothing changes for anybody else, and nothing at all where he may
 * already.
 *
 * @throws HelperError grant.denied where the giver cannot do that; nothing is left then
 */
export async function openFor(file: string, mode: AccessMode, options: FileAccessOptions): Promise<void> {
  if (await may(mode, file, options)) return;
  const set: string[] = [];
  try {
    for (const folder of foldersOf(file)) {
      if (await may('x', folder, options)) continue;
      await setEntry(folder, 'x', options);
      set.push(folder);
    }
    await setEntry(file, mode, options);
    set.push(file);
    if (!(await may(mode, file, options)))
      throw denied(options.giver.uid, file, sentence('security.machines-user-may-not-open'));
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
  const parts = path
    .dirname(file)
    .split('/')
    .filter((part) => part !== '');
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** Whether the machine's user may open it, or pass through it (`x`). */
async function may(
  access: AccessMode | 'x',
  place: string,
  { machine, runner, signal }: FileAccessOptions,
): Promise<boolean> {
  const { uid, gid } = machine;
  return await succeeds(
    {
      program: 'node',
      args: ['--no-warnings', mayOpenProgram, access, place],
      becomes: { uid, gid },
      confinement: 'none-needed',
    },
    { runner, signal },
  );
}

async function hasEntry(file: string, { machine, giver, runner, signal }: FileAccessOptions): Promise<boolean> {
  const spec = {
    program: 'getfacl',
    args: ['--omit-header', '--numeric', '--absolute-names', '--', file],
    confinement: 'none-needed',
    ...rightsOf(giver),
  } as const;
  const { stdout } = await runner.run(spec, { signal, timeoutMs: limitMs }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!isAnswer(error)) throw error;
    return { stdout: '' }; // gone, or not to be seen any more
  });
  return stdout.split('\n').some((line) => line.startsWith(`user:${machine.uid}:`));
}

async function setEntry(
  file: string,
  permissions: AccessMode | 'x',
  { machine, giver, runner, signal }: FileAccessOptions,
): Promise<void> {
  const args = ['--modify', `u:${machine.uid}:${permissions}`, file];
  await runner
    .run({ ...changeOf(giver, args), confinement: 'none-needed', ...rightsOf(giver) }, { signal, timeoutMs: limitMs })
    .catch((error: unknown) => {
      if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
      if (error.params['status'] === 'not installed') throw error;
      throw denied(
        giver.uid,
        file,
        sentence('security.may-not-let-machines-user', { reason: String(error.params['reason'] ?? '') }),
        error,
      );
    });
}

/**
 * By root on what it opened: the path of a file of somebody's can lead to another's a moment later. Others change by
 * name what is theirs to change anyway.
 */
function changeOf(
  giver: Credentials,
  [option = '', entry = '', file = '']: readonly string[],
): { readonly program: string; readonly args: readonly string[] } {
  if (giver.uid !== 0) return { program: 'setfacl', args: [option, entry, '--', file] };
  return byDescriptor('run', '/', '0', '0', file, 'setfacl', option, entry, '--', '/proc/self/fd/8');
}

async function removeEntry(file: string, options: FileAccessOptions): Promise<void> {
  const { program, args } = changeOf(options.giver, ['--remove', `u:${options.machine.uid}`, file]);
  await succeeds({ program, args, confinement: 'none-needed', ...rightsOf(options.giver) }, options);
}

async function succeeds(
  spec: ProcessSpec,
  { runner, signal }: Pick<FileAccessOptions, 'runner' | 'signal'>,
): Promise<boolean> {
  try {
    await runner.run(spec, { signal, timeoutMs: limitMs });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (isAnswer(error)) return false;
    throw error;
  }
}

/** Whether the program ran and said no: of one that could not be started nothing is known. */
function isAnswer(error: unknown): boolean {
  return (
    error instanceof HelperError &&
    error.code === 'process.failed' &&
    String(error.params['status']).startsWith('exit code')
  );
}
