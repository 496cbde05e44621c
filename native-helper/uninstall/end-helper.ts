// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../core/errors.ts';
import type { ProcessRef } from '../core/seams/processes.ts';
import { isAlive, referTo } from '../process/proc-fs.ts';
import { LocalProcessRunner } from '../process/runner.ts';
import { peerCredentials } from '../process/peer-credentials.ts';
import type { Files } from '../store/files.ts';

/** A helper waits for its operations to be undone. */
const endLimitMs = 60_000;
const pollMs = 50;
const serviceRunDirectory = '/run/berth';

/** The helper that serves the run directory; the kernel says which process listens there (unix(7), SO_PEERCRED). */
export async function findHelper(files: Files): Promise<ProcessRef | undefined> {
  const socket = connect(files.rpcSocket);
  try {
    await once(socket, 'connect');
    return await referTo(peerCredentials(socket).pid);
  } catch {
    return undefined; // nobody listens
  } finally {
    socket.destroy();
  }
}

/**
 * Ends the helper; machines go on. Where it is a service, it does not come back with the next start of this computer
 * either.
 */
export async function endHelper(
  files: Files,
  helper: ProcessRef | undefined,
  say: (line: string) => void,
): Promise<void> {
  if (files.runDirectory === serviceRunDirectory) await disableService();
  if (!helper) return;
  say(`The helper (process ${helper.pid}) ends.`);
  if (await isAlive(helper)) process.kill(helper.pid, 'SIGTERM');
  for (const until = performance.now() + endLimitMs; await isAlive(helper); await delay(pollMs)) {
    if (performance.now() > until)
      throw new Error(`the helper, process ${helper.pid}, does not end: end it, then repeat this`);
  }
}

async function disableService(): Promise<void> {
  const isSystemd = await access('/run/systemd/system').then(
    () => true,
    () => false,
  ); // sd_booted(3)
  if (!isSystemd) return;
  const spec = {
    program: 'systemctl',
    args: ['disable', '--now', 'berth-helper.service'],
    confinement: 'none-needed',
  } as const;
  try {
    await new LocalProcessRunner().run(spec, { signal: AbortSignal.timeout(endLimitMs) });
  } catch (error) {
    if (!messageOf(error).includes('does not exist')) throw error; // the helper was never a service here
  }
}
