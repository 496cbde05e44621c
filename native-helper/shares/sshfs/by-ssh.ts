// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { AttachedShare } from '../attached-share.ts';
import { mountOverChannel } from '../guest-channel.ts';
import { runInGuest } from '../guest-run.ts';
import type { SshfsParts } from './by-port.ts';

/**
 * sshfs in the guest at an SSH channel. A connection of its own, so that one share's traffic and end are not another's.
 */
export async function attachBySsh(
  { server, scripts, request }: SshfsParts,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const { mount, user } = request;
  await using undo = new AsyncDisposableStack();
  const connection = await request.connect(signal);
  undo.defer(() => connection.close());
  const command = await scripts.mountSshfs(mount, user);
  const { isTargetMade, ended, unmount } = await mountOverChannel(
    { server, connection, scripts, command, atEnd: sentence('mount.sshfs-ended') },
    request,
    signal,
  );
  const kept = undo.move();
  return {
    transport: 'sshfs',
    isTargetMade,
    ended,
    probe: async (limitMs) =>
      (await runInGuest(connection, ['true'], AbortSignal.timeout(limitMs)).catch(() => undefined)) !== undefined,
    notify: async ({ mode, paths }, over) => {
      await runInGuest(connection, await scripts.notify(mount, mode), over, paths);
    },
    detach: async (isUnmounted, guestOver) => {
      if (isUnmounted) await unmount(guestOver);
      await kept.disposeAsync();
    },
  };
}
