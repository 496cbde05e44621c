// SPDX-License-Identifier: MIT
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { GuestEnd } from './ssh-process/messages.ts';

const keptBytes = 128 * 1024;
/** A command of ours says little; one that goes on is not ours any more. */
const mostBytes = 16 * 1024 * 1024;

export interface GuestOutcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly channel: Writable;
  readonly output: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<GuestEnd>;
  close(): void;
}

/**
 * Gives a command its input, and returns the last of what it printed when it has ended. When the signal is aborted it
 * is closed, and this rejects at once.
 *
 * @throws HelperError guest.ssh-failed for a command that prints without end
 */
export async function runToEnd(
  running: Running,
  signal: AbortSignal,
  input?: string | Uint8Array,
): Promise<GuestOutcome> {
  const { channel, output, stderr, ended } = running;
  const printed = Promise.all([output, stderr].map(collect));
  printed.catch(() => undefined); // the signal may have spoken first
  channel.on('error', () => undefined); // its end is told by `ended`
  channel.end(input);
  try {
    const [out = '', err = ''] = await unlessAborted(printed, signal);
    const { exitCode } = await unlessAborted(ended, signal);
    return { exitCode, stdout: out, stderr: err };
  } finally {
    running.close();
  }
}

async function collect(stream: Readable): Promise<string> {
  let text = '';
  let bytes = 0;
  const endless = Promise.withResolvers<never>();
  stream.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-keptBytes);
    bytes += more.length;
    if (bytes > mostBytes)
      endless.reject(new HelperError('guest.ssh-failed', { reason: sentence('guest.prints-without-end') }));
  });
  // closed before its end: what came is all there is
  const whole = finished(stream, { writable: false }).catch(() => undefined);
  await Promise.race([whole, endless.promise]);
  return text;
}
