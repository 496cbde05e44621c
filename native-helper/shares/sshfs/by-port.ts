// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError, toHelperError } from '../../core/errors.ts';
import type { GuestPort } from '../../core/seams/hypervisor.ts';
import { quoteCommand } from '../../guest/shell-quote.ts';
import type { AttachedShare, AttachRequest } from '../attached-share.ts';
import { farewell } from '../farewell.ts';
import { join } from '../guest-channel.ts';
import { GuestReport } from '../guest-report.ts';
import { within } from '../guest-run.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import { GuestShell } from '../guest-shell.ts';
import type { PipedServer } from '../piped-server.ts';

const guestLimitMs = 15_000;

export interface SshfsParts {
  readonly server: PipedServer;
  readonly scripts: GuestScripts;
  readonly request: AttachRequest;
}

/**
 * sshfs in the guest at a port of its machine: no network between, no encryption of what stays on this computer. SSH
 * only starts it and asks after it, so a cut network does not touch the folder.
 *
 * @throws HelperError mount.no-port where machine or guest has none; the server has not been spoken to then
 */
export async function attachByPort(
  { server, scripts, request }: SshfsParts,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const { mount, user } = request;
  await using undo = new AsyncDisposableStack();
  const port = await openPort(request, signal);
  undo.defer(() => port.close());
  const guest = new GuestShell(request.connect);
  undo.defer(() => guest.close());
  const report = new GuestReport(mount.target);
  const unmount = async (guestOver: AbortSignal): Promise<void> => {
    // a guest that is gone has no mount
    await guest.run(await scripts.unmount(mount, report), guestOver).catch(() => undefined);
  };

  const command = await scripts.mountSshfs(mount, user, port.name);
  const connection = await guest.connect(signal);
  const { channel, stderr, ended: exited } = await connection.exec(quoteCommand(command), signal);
  channel.on('error', () => undefined).resume(); // the connection's end is told by itself
  report.listen(stderr);
  const ended = server.ended.then((reason) => new HelperError('mount.server-ended', { reason }));
  const sshfsEnded = new HelperError('mount.failed', { reason: sentence('mount.sshfs-ended') });
  const failed = Promise.race([
    ended,
    connection.closed.then(() => new HelperError('mount.lost')),
    exited.then(() => sshfsEnded),
  ]);
  try {
    await report.until(() => report.isAtPort, failed, signal);
    join({ server, stream: port.stream }, request.onBytes);
    await report.until(() => report.isMounted, failed, signal);
  } catch (error) {
    if (!isWithoutPort(error)) await unmount(farewell(signal));
    throw error;
  }

  const isGone = Promise.withResolvers<HelperError>();
  const kept = undo.move();
  return {
    transport: 'sshfs',
    isTargetMade: report.isTargetMade,
    ended: Promise.race([ended, port.closedInGuest.then(() => sshfsEnded), isGone.promise]),
    probe: async (limitMs) => {
      const outcome = await within(
        limitMs,
        guest.run(await scripts.aliveSshfs(mount), AbortSignal.timeout(limitMs)).catch(() => undefined),
      );
      // Its end is told by QEMU, at once, unless the connection to QEMU is being made anew just then.
      if (outcome?.exitCode === 1) isGone.resolve(sshfsEnded);
      return outcome?.exitCode === 0;
    },
    notify: async ({ mode, paths }, over) => {
      await guest.run(
        await scripts.notify(mount, mode),
        AbortSignal.any([over, AbortSignal.timeout(guestLimitMs)]),
        paths,
      );
    },
    detach: async (isUnmounted, guestOver) => {
      if (isUnmounted) await unmount(guestOver);
      await kept.disposeAsync();
    },
  };
}

async function openPort({ mount, machine }: AttachRequest, signal: AbortSignal): Promise<GuestPort> {
  try {
    return await machine.openPort(portName(mount.id), signal);
  } catch (error) {
    signal.throwIfAborted();
    const { message, params } = toHelperError(error);
    throw new HelperError('mount.no-port', { reason: String(params['reason'] ?? message) }, { cause: error });
  }
}

/** What the names of a mount's ports begin with. */
export function portName(mountId: string): string {
  return `berth-${mountId}`;
}

export function isWithoutPort(error: unknown): error is HelperError {
  return error instanceof HelperError && error.code === 'mount.no-port';
}
