// SPDX-License-Identifier: MIT
import { open, type FileHandle } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { answerLimitBytes } from '../../core/answer-limit.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { rightsOf } from '../../core/rights-of.ts';

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
 * Copies a user's file into one of ours, reading it with that user's rights: a child of the caller's uid and gid opens
 * the path; we never do. It hands on bytes and nothing else: a process of the user's may take any descriptor out of his
 * child (pidfd_getfd(2)), so the child never has our file, and what is written is what is inspected, hashed and
 * converted later. Zeros become holes.
 * @returns the number of bytes
 * @throws HelperError image.source-denied where the caller could not read it
 */
export async function copyAsCaller(copy: Copy): Promise<number> {
  const bytes = await sizeAsCaller(copy);
  await copy.admit(bytes);
  const target = await open(copy.target, 'wx', 0o600);
  const timer = setInterval(() => {
    void reportSize(target, bytes, copy.ctx);
  }, progressEveryMs);
  try {
    await readAsCaller(copy, bytes, target);
    await target.truncate(bytes);
    return bytes;
  } catch (error) {
    throw asSourceError(error, copy);
  } finally {
    clearInterval(timer);
    await target.close();
  }
}

/** `count` bounds what is read, and nonblock how long is waited, whatever the path names by now. */
async function readAsCaller({ source, runner, ctx }: Copy, bytes: number, target: FileHandle): Promise<void> {
  ctx.signal.throwIfAborted();
  const child = await runner.stream({
    program: 'dd',
    args: [`if=${source}`, 'bs=1M', `count=${bytes}`, 'iflag=count_bytes,fullblock,nonblock', 'status=none'],
    endsWithHelper: true,
    confinement: 'none-needed',
    ...rightsOf(ctx.actor),
  });
  const end = AbortSignal.any([ctx.signal, AbortSignal.timeout(copyTimeoutMs)]);
  const stop = (): void => {
    void child.stop();
  };
  end.addEventListener('abort', stop, { once: true });
  try {
    const copied = await writeBlocks(child.blocks, target, bytes);
    const { exitCode } = await child.exited;
    end.throwIfAborted();
    if (exitCode !== 0)
      throw new HelperError('process.failed', {
        program: 'dd',
        status: sentence('process.exit-code', { exitCode: exitCode ?? '?' }),
        reason: child.recentErrors().join('\n'),
      });
    if (copied > bytes)
      throw new HelperError('image.unsupported-format', { path: source, reason: sentence('image.changed-while-read') });
  } finally {
    end.removeEventListener('abort', stop);
    await child.stop();
  }
}

async function writeBlocks(blocks: AsyncIterable<Buffer>, target: FileHandle, most: number): Promise<number> {
  let at = 0;
  for await (const block of blocks) {
    if (at + block.length > most) return at + block.length;
    if (!isZero(block))
      for (let done = 0; done < block.length;)
        done += (await target.write(block, done, block.length - done, at + done)).bytesWritten;
    at += block.length;
  }
  return at;
}

/** By comparison with itself one byte on: the fastest that there is without a block of zeros as large. */
function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.subarray(1).equals(block.subarray(0, -1));
}

async function sizeAsCaller(copy: Copy): Promise<number> {
  try {
    const output = await copy.runner.run(
      {
        program: 'stat',
        args: ['--dereference', '--format=%f %s', '--', copy.source],
        confinement: 'none-needed',
        ...rightsOf(copy.ctx.actor),
      },
      { signal: copy.ctx.signal, timeoutMs: statTimeoutMs, mostOutputBytes: answerLimitBytes },
    );
    const [, mode = '', size = ''] = /^([0-9a-f]{1,8}) (\d{1,16})\n$/.exec(output.stdout) ?? [];
    const bytes = Number(size);
    if (mode === '' || !Number.isSafeInteger(bytes))
      throw new HelperError('image.source-denied', {
        uid: copy.ctx.actor.uid,
        path: copy.source,
        reason: sentence('image.size-not-told'),
      });
    if ((Number.parseInt(mode, 16) & 0o170000) !== 0o100000)
      throw new HelperError('image.unsupported-format', {
        path: copy.source,
        reason: sentence('image.no-regular-file'),
      });
    return bytes;
  } catch (error) {
    throw asSourceError(error, copy);
  }
}

async function reportSize(target: FileHandle, totalBytes: number, ctx: OperationContext): Promise<void> {
  try {
    const { size } = await target.stat();
    ctx.report({
      step: 'copy',
      bytes: Math.min(size, totalBytes),
      totalBytes,
      fraction: totalBytes === 0 ? 1 : Math.min(1, size / totalBytes),
    });
  } catch {
    // the copy ended between the timer and the question; its own result tells
  }
}

function asSourceError(error: unknown, copy: Copy): unknown {
  if (!(error instanceof HelperError) || error.code !== 'process.failed') return error;
  const { uid } = copy.ctx.actor;
  const reason = messageOf(error).includes('No such file')
    ? sentence('image.no-such-file')
    : String(error.params.reason ?? '');
  return new HelperError('image.source-denied', { uid, path: copy.source, reason }, { cause: error });
}
