// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { quoteCommand } from '../../guest/shell-quote.ts';
import type { SshConnection } from '../../guest/ssh-connection.ts';
import { isInstalled } from '../../process/programs.ts';
import type { AttachedShare, AttachRequest } from '../attached-share.ts';
import { mountOverChannel } from '../guest-channel.ts';
import { readLook } from '../guest-look.ts';
import { GuestReport } from '../guest-report.ts';
import { runInGuest } from '../guest-run.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import type { NinePServers } from './nine-p-server.ts';

/**
 * Gets one folder into the guest by 9p: diod in its jail here, the guest's kernel at the other end of an SSH channel,
 * with no program of the guest between. A second channel lives as long as the connection, and takes the mount away
 * behind it.
 *
 * @throws HelperError mount.no-9p where host or guest cannot
 */
export async function attachNineP(
  servers: NinePServers,
  scripts: GuestScripts,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const { mount, user } = request;
  if (mount.uidMaps.length + mount.gidMaps.length > 0)
    throw new HelperError('mount.no-9p', { reason: sentence('mount.owners-only-by-sshfs') });
  if (!(await isInstalled('diod'))) throw new HelperError('mount.no-9p', { reason: sentence('mount.no-diod') });
  await using undo = new AsyncDisposableStack();
  const connection = await request.connect(signal);
  undo.defer(() => connection.close());
  const look = readLook(await runInGuest(connection, await scripts.look(mount, user, '9p'), signal));
  if (!look.hasFileSystem) throw new HelperError('mount.no-9p', { reason: sentence('mount.guest-without-9p') });
  // diod that is root wants to be others, which nobody in there is allowed.
  if (look.user.uid === 0) throw new HelperError('mount.no-9p', { reason: sentence('mount.guest-user-is-root') });
  const server = await servers.start(request.instance, { mount, insideAs: look.user }, signal);
  undo.defer(() => server.stop());
  const attempt = randomBytes(3).toString('hex');
  await hold(connection, await scripts.holdNineP(mount, attempt), signal);
  const command = await scripts.mountNineP(mount, user, attempt);
  const { isTargetMade, ended, unmount } = await mountOverChannel(
    { server, connection, scripts, command, atEnd: sentence('mount.mount-ended') },
    request,
    signal,
  );
  const isGone = Promise.withResolvers<HelperError>();
  const kept = undo.move();
  return {
    transport: '9p',
    isTargetMade,
    ended: Promise.race([ended, isGone.promise]),
    probe: async (limitMs) => {
      const outcome = await runInGuest(
        connection,
        ['grep', '-q', `^berth-${mount.id}[.]${attempt} `, '/proc/mounts'],
        AbortSignal.timeout(limitMs),
      ).catch(() => undefined);
      // Its kernel alone knows that somebody in the guest has unmounted it.
      if (outcome?.exitCode === 1)
        isGone.resolve(new HelperError('mount.failed', { reason: sentence('mount.guest-has-it-no-more') }));
      return outcome?.exitCode === 0;
    },
    detach: async (isUnmounted, guestOver) => {
      if (isUnmounted) await unmount(guestOver);
      await kept.disposeAsync();
    },
  };
}

/** Resolves when the guest holds the mount to the connection. */
async function hold(connection: SshConnection, command: readonly string[], signal: AbortSignal): Promise<void> {
  const { channel, stderr, ended } = await connection.exec(quoteCommand(command), signal);
  channel.on('error', () => undefined); // the connection's end is told by itself
  const report = new GuestReport('');
  const over = ended.then(() => new HelperError('mount.lost'));
  report.listen(stderr);
  await report.until(() => report.isHeld, over, signal);
  channel.resume();
}
