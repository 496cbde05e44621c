// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { largestUserDataBytes } from '#contract/user-data.ts';
import { HelperError } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import { ownProgram } from '../core/own-program.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import type { DocumentReport } from './check/check-document.ts';

/** A document of a user's, which is foreign to the helper whatever is in it. */
export interface UserDocument {
  readonly bytes: Uint8Array;
  /** Whose it is: one document of each user is read at a time. */
  readonly uid: number;
}

/** Of our own, above every range that systemd and shadow give away, and beside those of machines: it owns nothing. */
const documentUser = { uid: 1_899_999_997, gid: 1_899_999_997 };
/** Beside this file in the sources; beside the helper in a package. */
const checkProgram = ownProgram(import.meta.dirname, 'check/main.ts', 'check.mjs');
/** A thousand lines take a fifth of a second. */
const readLimitMs = 10_000;
const mostReportBytes = 64 * 1024;
/**
 * For one that outlives the helper. Node reserves addresses by the gigabyte: its memory is bounded by an option of its
 * own.
 */
const limits = { memoryBytes: 64 * 1024 ** 3, cpuSeconds: 12 };
const tooSlow = 'it takes too much time or memory to read';
const reading = new KeyedLock<number>();

/** The program has read what a stranger wrote, so its answer is taken for a stranger's. */
const report = z.object({
  keepsVendorDataOut: z.boolean(),
  isMime: z.boolean(),
  warnings: z.array(z.string().max(1000)).max(100),
}) satisfies z.ZodType<DocumentReport>;

/**
 * Has a document read by a process without rights.
 *
 * @throws HelperError cloudinit.invalid for one that cloud-init would ignore, or beyond the limits of check/limits.ts
 */
export async function readDocument(
  runner: ProcessRunner,
  document: UserDocument,
  signal: AbortSignal,
): Promise<DocumentReport> {
  if (document.bytes.length > largestUserDataBytes) throw invalid(`it is longer than ${largestUserDataBytes} bytes`);
  try {
    return await reading.hold(document.uid, () => ask(runner, document.bytes, signal), signal);
  } catch (error) {
    throw signal.aborted && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError'
      ? invalid(tooSlow, error)
      : error;
  }
}

async function ask(runner: ProcessRunner, bytes: Uint8Array, signal: AbortSignal): Promise<DocumentReport> {
  try {
    const args = ['--max-old-space-size=256', '--no-warnings', checkProgram];
    const spec = { program: 'node', args, becomes: documentUser, confinement: { profile: undefined, limits } };
    const { stdout } = await runner.run(spec, {
      signal,
      timeoutMs: readLimitMs,
      input: bytes,
      mostOutputBytes: mostReportBytes,
    });
    return report.parse(JSON.parse(stdout));
  } catch (error) {
    if (!(error instanceof HelperError)) throw signal.aborted ? error : invalid(tooSlow, error);
    if (error.code !== 'process.failed') throw error;
    throw invalid(
      error.params.status === 'exit code 1' ? String(error.params.reason ?? '').slice(-300) : tooSlow,
      error,
    );
  }
}

function invalid(reason: string, cause?: unknown): HelperError {
  return new HelperError('cloudinit.invalid', { reason }, { cause });
}
