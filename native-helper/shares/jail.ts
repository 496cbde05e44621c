// SPDX-License-Identifier: MIT
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultSizeLimitBytes } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import type { ManagedProcess, ProcessRef } from '../core/seams/processes.ts';
import { withDeadline } from '../core/with-deadline.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { isAlive, readProc, referTo } from '../process/proc-fs.ts';
import type { Files } from '../store/files.ts';
import type { MountRecord } from '../store/instance-record.ts';
import { sharableTypes, whyNotSharable } from './sharable-types.ts';
import { sourceDenied } from './source.ts';

/** Exit codes of assets/launcher/share-launch.sh. */
const refusedCode = 91;
const changedCode = 92;
const typeCode = 93;
/**
 * Much for a jail, which is built in a tenth of a second: a loaded computer, or one that is emulated, takes its time.
 */
export const startLimitMs = 30_000;
const readyLine = 'share-launch: ready';
const endPollMs = 25;

export interface JailRequest {
  readonly mount: MountRecord;
  /** Undefined where the kernel has no AppArmor. */
  readonly profile: string | undefined;
  /** Who the folder's user is inside: the server runs in a user namespace where that is the user's number. */
  readonly insideAs?: { readonly uid: number; readonly gid: number };
  /** The capabilities of that namespace are given up before the server, which would keep them. */
  readonly isPowerless?: boolean;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The command, for a process that is root, that builds the jail of one folder and becomes its server in there, the
 * folder being /share.
 */
export async function jailCommand(
  { mount, profile, insideAs, isPowerless = false, program, args }: JailRequest,
  { files, assetsDirectory }: { readonly files: Files; readonly assetsDirectory: string },
): Promise<{ readonly program: 'unshare'; readonly args: readonly string[] }> {
  await makeDirectory(files.jail, 0o755);
  return {
    program: 'unshare',
    args: [
      '--mount',
      '--propagation',
      'private',
      '--pid',
      '--fork',
      '--kill-child',
      '--net',
      '--ipc',
      '--uts',
      '--',
      '/bin/sh',
      path.join(assetsDirectory, 'launcher', 'open-folder-as.sh'),
      String(mount.owner.uid),
      String(mount.owner.gid),
      mount.source,
      '/bin/sh',
      path.join(assetsDirectory, 'launcher', 'share-launch.sh'),
      '--uid',
      String(mount.owner.uid),
      '--gid',
      String(mount.owner.gid),
      '--profile',
      profile ?? '-',
      '--jail',
      files.jail,
      '--source',
      mount.source,
      '--access',
      mount.isReadOnly ? 'ro' : 'rw',
      '--types',
      sharableTypes.join(' '),
      '--largest',
      String(mount.sizeLimitBytes ?? defaultSizeLimitBytes),
      ...(insideAs === undefined
        ? []
        : ['--inside', `${insideAs.uid}:${insideAs.gid}`, '--keep', isPowerless ? 'nothing' : 'capabilities']),
      '--',
      program,
      ...args,
    ],
  };
}

/** Whether the jail stands and the server is begun, by what was printed. */
export function isJailReady(output: string): boolean {
  return output.includes(readyLine);
}

/**
 * Resolves when `begun` does; rejects with why the server ended before, or that it takes too long. The server is left
 * as it is.
 */
export async function serverBegun(
  begun: Promise<void>,
  child: ManagedProcess,
  {
    mount,
    output,
    signal,
  }: { readonly mount: MountRecord; readonly output: () => string; readonly signal: AbortSignal },
): Promise<void> {
  const failed = child.exited.then(({ exitCode }) => {
    throw jailFailure(mount, exitCode, output());
  });
  failed.catch(() => undefined); // from its start on the server's own end tells
  const late = (): HelperError =>
    new HelperError('mount.server-ended', {
      reason: sentence('mount.not-started-in-time'),
    });
  await withDeadline(Promise.race([begun, failed]), { limitMs: startLimitMs, signal, late });
}

/** The first process in the jail of a server that was started; with it ends all in there (pid_namespaces(7)). */
export async function firstInside({ pid }: ProcessRef): Promise<ProcessRef | undefined> {
  const child = Number((await readProc(`/proc/${pid}/task/${pid}/children`))?.trim().split(' ')[0] ?? 0);
  return child === 0 ? undefined : await referTo(child);
}

/** Ends what is left in a jail whose starter is gone, and resolves when nothing is: its profile must not go before. */
export async function endInside(first: ProcessRef | undefined): Promise<void> {
  while (first !== undefined && (await isAlive(first))) {
    process.kill(first.pid, 'SIGKILL');
    await delay(endPollMs);
  }
}

/** Why there is no server, by how the launcher ended. */
function jailFailure(mount: MountRecord, exitCode: number | null, output: string): HelperError {
  if (exitCode === refusedCode) return sourceDenied(mount.source, mount.owner, output);
  if (exitCode === changedCode) return new HelperError('mount.source-changed', { path: mount.source });
  if (exitCode === typeCode)
    return sourceDenied(
      mount.source,
      mount.owner,
      whyNotSharable(/^share-launch: type (\S+)$/m.exec(output)?.[1] ?? 'unknown'),
    );
  return new HelperError('mount.server-ended', { reason: lastLine(output) || exitReason(exitCode, '') });
}

/** The last line of a server's output that says something. */
/** How a server ended, with what it said last. */
export function exitReason(exitCode: number | null, output: string): Sentence {
  const [code, line] = [exitCode ?? '?', lastLine(output)];
  return line === ''
    ? sentence('mount.exit-code', { exitCode: code })
    : sentence('mount.exit-with-output', { exitCode: code, line });
}

export function lastLine(output: string): string {
  return foreignWords(
    output
      .split('\n')
      .filter((line) => line.trim() !== '' && line !== readyLine && line !== 'Killed')
      .at(-1) ?? '',
  );
}
