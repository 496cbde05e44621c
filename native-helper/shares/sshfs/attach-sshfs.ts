// SPDX-License-Identifier: MIT
import type { AttachedShare, AttachRequest } from '../attached-share.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import { attachByPort, isWithoutPort, type SshfsParts } from './by-port.ts';
import { attachBySsh } from './by-ssh.ts';
import type { ShareServers } from './share-server.ts';

/**
 * Gets one folder into the guest: the server in its jail here, sshfs there, the bytes of the one carried to the other,
 * over a port of the machine where there is one, else over SSH.
 */
export async function attachSshfs(
  servers: ShareServers,
  scripts: GuestScripts,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedShare> {
  await using undo = new AsyncDisposableStack();
  const server = await servers.start(request.instance, request.mount, signal);
  undo.defer(() => server.stop());
  const attached = await byPortOrSsh({ server, scripts, request }, signal);
  const kept = undo.move();
  return {
    ...attached,
    detach: async (isUnmounted, guestOver) => {
      await attached.detach(isUnmounted, guestOver);
      await kept.disposeAsync();
    },
  };
}

async function byPortOrSsh(parts: SshfsParts, signal: AbortSignal): Promise<AttachedShare> {
  try {
    return await attachByPort(parts, signal);
  } catch (error) {
    if (!isWithoutPort(error)) throw error;
    return { ...(await attachBySsh(parts, signal)), overSsh: error };
  }
}
