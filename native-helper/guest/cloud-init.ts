// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import type { GuestTarget } from '../core/seams/guest.ts';
import type { GuestConnections } from './guest-connections.ts';

/** How cloud-init ended in a guest. `absent` is a guest without cloud-init, which is no failure. */
export interface CloudInitOutcome {
  readonly outcome: 'done' | 'failed' | 'absent';
  readonly detail: string;
}

const status = z.object({
  status: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.string()).optional(),
});

const commandNotFound = 127;
/** What it says that is ended while it waits, as at a restart of the guest. */
const unfinished = new Set(['not run', 'not started', 'running']);

/**
 * Waits in the guest until cloud-init has ended and returns how. `cloud-init status --wait` sleeps
 * there, so nothing is asked twice. Newer versions exit with 2 for "done, with recoverable errors".
 *
 * @throws HelperError guest.ssh-failed where the guest cannot be asked, or ended the wait before cloud-init had ended
 */
export async function awaitCloudInit(
  connections: GuestConnections,
  target: GuestTarget,
  signal: AbortSignal,
): Promise<CloudInitOutcome> {
  const { exitCode, stdout } = await connections.output(
    target,
    ['cloud-init', 'status', '--wait', '--format', 'json'],
    signal,
  );
  if (exitCode === commandNotFound) return { outcome: 'absent', detail: 'the guest has no cloud-init' };
  const report = parseReport(stdout);
  if (report === undefined ? exitCode === undefined : unfinished.has(report.status))
    throw new HelperError('guest.ssh-failed', { reason: sentence('guest.wait-broken-off') });
  const isDone = exitCode === 0 || exitCode === 2 || report?.status === 'disabled';
  return { outcome: isDone ? 'done' : 'failed', detail: foreignWords(describe(report, exitCode)) };
}

function describe(report: z.infer<typeof status> | undefined, exitCode: number | undefined): string {
  if (!report) return `exit code ${exitCode ?? 'unknown'}`;
  const errors = report.errors?.join('; ');
  return errors === undefined || errors === '' ? `status: ${report.status}` : errors;
}

function parseReport(stdout: string): z.infer<typeof status> | undefined {
  const json = stdout.slice(stdout.indexOf('{')); // progress dots come before it
  try {
    return status.parse(JSON.parse(json));
  } catch {
    return undefined; // an old cloud-init prints prose; the exit code decides then
  }
}
