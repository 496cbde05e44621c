// SPDX-License-Identifier: MIT
import { SshConnection } from '../../guest/ssh-connection.ts';
import { keepAlive, type AttachedShare, type AttachRequest } from '../attached-share.ts';
import { mountOverChannel } from '../guest-channel.ts';
import { runInGuest, within } from '../guest-run.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import type { ShareServers } from './share-server.ts';

/**
 * Gets one folder into the guest: the server in its jail here, sshfs over SSH there, the bytes of the
 * one carried to the other. A connection of its own, so that one share's traffic and end are not another's.
 */
export async function attachSshfs(servers: ShareServers, scripts: GuestScripts, request: AttachRequest, signal: AbortSignal): Promise<AttachedShare> {
  await using undo = new AsyncDisposableStack();
  const server = await servers.start(request.instance, request.mount, signal);
  undo.defer(() => server.stop());
  const connection = await SshConnection.open(await request.target(), signal, keepAlive);
  undo.defer(() => connection.close());
  const command = await scripts.mountSshfs(request.mount, request.user);
  const { isTargetMade, ended, unmount } = await mountOverChannel({ server, connection, scripts, command, atEnd: 'sshfs ended in the guest' }, request, signal);
  const kept = undo.move();
  return {
    transport: 'sshfs',
    isTargetMade,
    ended,
    probe: async (limitMs) => (await within(limitMs, runInGuest(connection, ['true']))) !== undefined,
    notify: async ({ mode, paths }) => { await runInGuest(connection, await scripts.notify(request.mount, mode), paths); },
    detach: async (isUnmounted) => {
      if (isUnmounted) await unmount();
      await kept.disposeAsync();
    },
  };
}
