// SPDX-License-Identifier: MIT
import { open, type FileHandle } from 'node:fs/promises';
import { HelperError, messageOf } from '../core/errors.ts';
import type { OperationContext } from '../core/seams/operation.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { rightsOf } from '../core/rights-of.ts';

interface Copy {
  readonly source: string;
  readonly target: string;
  readonly runner: ProcessRunner;
  readonly ctx: OperationContext;
  /** Called once with the source's size, before anything is copied. */
  readonly admit: (bytes: number) => Promise<void>;
}

const statTimeoutMs = 10_000;
const copyTimeoutMs = 6 * 60 * 60_000;
const progressEveryMs = 500;

/**
 * Copies a user's file into one of ours, reading it with that user's rights: a child of the caller's
 * uid and gid opens the path; we never do. The child is handed our file open, so the user cannot
 * reach it by name and cannot change it between inspection and conversion. Holes stay holes.
 * @returns the number of bytes
 * @throws HelperError image.source-denied where the caller could not read it
 */
export async function copyAsCaller(copy: Copy): Promise<number> {
  const bytes = await sizeAsCaller(copy);
  await copy.admit(bytes);
  const target = await open(copy.target, 'wx', 0o600);
  const timer = setInterval(() => { void reportSize(target, bytes, copy.ctx); }, progressEveryMs);
  try {
    // The program text is constant and the path its argument: dd would open `of=` by name, as the caller.
    // `count` bounds what is read, whatever the path names by now.
    const script = 'exec dd if="$1" bs=1M count="$2" iflag=count_bytes,fullblock conv=sparse status=none >&3';
    await copy.runner.run(
      { program: 'sh', args: ['-c', script, 'copy', copy.source, String(bytes)], passedFds: [target.fd], endsWithHelper: true, confinement: 'none-needed', ...rightsOf(copy.ctx.actor) },
      { signal: copy.ctx.signal, timeoutMs: copyTimeoutMs },
    );
    if ((await target.stat()).size > bytes) throw new HelperError('image.unsupported-format', { path: copy.source, reason: 'it changed while it was read' });
    await target.truncate(bytes);
    return bytes;
  } catch (error) {
    throw asSourceError(error, copy);
  } finally {
    clearInterval(timer);
    await target.close();
  }
}

async function sizeAsCaller(copy: Copy): Promise<number> {
  try {
    const output = await copy.runner.run(
      { program: 'stat', args: ['--dereference', '--format=%f %s', '--', copy.source], confinement: 'none-needed', ...rightsOf(copy.ctx.actor) },
      { signal: copy.ctx.signal, timeoutMs: statTimeoutMs },
    );
    const [mode = '', size = ''] = output.stdout.trim().split(' ');
    if ((Number.parseInt(mode, 16) & 0o170000) !== 0o100000) throw new HelperError('image.unsupported-format', { path: copy.source, reason: 'it is no regular file' });
    return Number(size);
  } catch (error) {
    throw asSourceError(error, copy);
  }
}

async function reportSize(target: FileHandle, totalBytes: number, ctx: OperationContext): Promise<void> {
  try {
    const { size } = await target.stat();
    ctx.report({ step: 'copy', bytes: Math.min(size, totalBytes), totalBytes, fraction: totalBytes === 0 ? 1 : Math.min(1, size / totalBytes) });
  } catch {
    // the copy ended between the timer and the question; its own result tells
  }
}

function asSourceError(error: unknown, copy: Copy): unknown {
  if (!(error instanceof HelperError) || error.code !== 'process.failed') return error;
  const { uid } = copy.ctx.actor;
  const reason = messageOf(error).includes('No such file') ? 'there is no such file, or a folder on the way is closed' : String(error.params.reason ?? '');
  return new HelperError('image.source-denied', { uid, path: copy.source, reason }, { cause: error });
}
