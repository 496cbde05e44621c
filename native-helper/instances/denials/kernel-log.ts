// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { locateProgram } from '../../process/programs.ts';
import { parseKernelLine } from './kernel-line.ts';

interface KernelLogListener {
  /** Once for each message of the kernel, those from before the start first. */
  readonly onMessage: (text: string) => void;
  /** Messages that were overwritten before they were read. */
  readonly onGap: (count: number) => void;
  /** It cannot be read now; it is tried again. Undefined when it can. */
  readonly onTrouble: (reason: string | undefined) => void;
}

const longestWaitMs = 60_000;

/**
 * Follows /dev/kmsg (Documentation/ABI/testing/dev-kmsg) until the signal. Reading it blocks, so a child does that and
 * dies with the helper. When messages are overwritten faster than they are read, the read fails with EPIPE and
 * the child ends; the next one begins at what is left.
 */
export async function followKernelLog(
  runner: ProcessRunner,
  listener: KernelLogListener,
  signal: AbortSignal,
): Promise<void> {
  let last = -1;
  let hasGap = false;
  for (let waitMs = 0; !signal.aborted;) {
    let hasRead = false;
    const reason = await readUntilEnd(runner, signal, (line) => {
      const message = parseKernelLine(line);
      if (message === undefined || message.sequence <= last) return;
      if (!hasRead) listener.onTrouble(undefined);
      hasRead = true;
      if (hasGap && message.sequence > last + 1) listener.onGap(message.sequence - last - 1);
      hasGap = false;
      last = message.sequence;
      if (message.isFromKernel) listener.onMessage(message.text);
    }).catch(messageOf);
    if (signal.aborted) return;
    hasGap = last >= 0;
    if (!hasRead) listener.onTrouble(reason);
    waitMs = hasRead ? 0 : Math.min(longestWaitMs, Math.max(1000, waitMs * 2));
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined); // aborted: the loop ends
  }
}

/** Why the child ended. */
async function readUntilEnd(
  runner: ProcessRunner,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<string> {
  const child = await runner.converse({
    program: 'setpriv',
    args: ['--pdeathsig', 'KILL', '--', await locateProgram('cat'), '/dev/kmsg'],
    confinement: 'none-needed',
  });
  const stop = (): void => void child.stop();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
    lines.on('line', onLine);
    await child.exited;
    return child.recentErrors().at(-1) ?? 'the reader ended';
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
