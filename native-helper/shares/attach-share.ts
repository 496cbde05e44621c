// SPDX-License-Identifier: MIT
import { HelperError } from '../core/errors.ts';
import { SshConnection } from '../guest/ssh-connection.ts';
import { keepAlive, type AttachedShare, type AttachRequest } from './attached-share.ts';
import { runInGuest } from './guest-run.ts';
import type { GuestScripts } from './guest-scripts.ts';
import { attachSshfs } from './sshfs/attach-sshfs.ts';
import type { ShareServers } from './sshfs/share-server.ts';
import { attachVirtiofs } from './virtiofs/attach-virtiofs.ts';
import type { VirtiofsServers } from './virtiofs/virtiofs-server.ts';

export interface Transports {
  readonly sshfs: ShareServers;
  readonly virtiofs: VirtiofsServers;
  readonly scripts: GuestScripts;
}

/** Gets one folder into the guest by what was asked for; with `auto` by virtiofs where it can be, else by sshfs. */
export async function attachShare({ sshfs, virtiofs, scripts }: Transports, request: AttachRequest, signal: AbortSignal): Promise<AttachedShare> {
  const { type } = request.mount;
  if (type !== 'sshfs') {
    try {
      return await attachVirtiofs(virtiofs, scripts, request, signal);
    } catch (error) {
      if (type === 'virtiofs' || !(error instanceof HelperError) || error.code !== 'mount.no-virtiofs') throw error;
      return { ...(await attachSshfs(sshfs, scripts, request, signal)), fallback: error };
    }
  }
  return await attachSshfs(sshfs, scripts, request, signal);
}

/** Takes out of a guest, its machine and this host what an earlier helper left of a mount. */
export async function sweepMount({ virtiofs, scripts }: Transports, request: AttachRequest, signal: AbortSignal): Promise<void> {
  const connection = await SshConnection.open(await request.target(), signal, keepAlive);
  try {
    await runInGuest(connection, await scripts.unmount(request.mount));
  } finally {
    connection.close();
  }
  const server = await virtiofs.find(request.instance, request.mount.id);
  if (request.machine.slots > 0) await request.machine.unplugShare(request.mount.id, signal);
  await (server === undefined ? virtiofs.forget(request.instance, request.mount.id) : server.stop());
}
