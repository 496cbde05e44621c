// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { requireKnown } from '../core/require-known.ts';
import { HelperError } from '../core/errors.ts';
import type { AttachedShare, AttachRequest } from './attached-share.ts';
import { runInGuest } from './guest-run.ts';
import type { GuestScripts } from './guest-scripts.ts';
import { attachNineP } from './9p/attach-9p.ts';
import type { NinePServers } from './9p/nine-p-server.ts';
import { attachSshfs } from './sshfs/attach-sshfs.ts';
import { portName } from './sshfs/by-port.ts';
import type { ShareServers } from './sshfs/share-server.ts';
import { attachVirtiofs } from './virtiofs/attach-virtiofs.ts';
import type { VirtiofsServers } from './virtiofs/virtiofs-server.ts';

/** What QEMU does by itself takes a moment. */
const machineLimitMs = 1_000;

export interface Transports {
  readonly sshfs: ShareServers;
  readonly virtiofs: VirtiofsServers;
  readonly nineP: NinePServers;
  readonly scripts: GuestScripts;
}

/**
 * Gets one folder into the guest by what was asked for; with `auto` by virtiofs, else by sshfs, else by 9p, with why it
 * was not the one before.
 */
export async function attachShare(
  { sshfs, virtiofs, nineP, scripts }: Transports,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const by = {
    virtiofs: () => attachVirtiofs(virtiofs, scripts, request, signal),
    sshfs: () => attachSshfs(sshfs, scripts, request, signal),
    '9p': () => attachNineP(nineP, scripts, request, signal),
  };
  const { type } = request.mount;
  if (type !== 'auto')
    return await by[requireKnown(type, ['virtiofs', 'sshfs', '9p'], sentence('record.kind-of-mount'))]();
  return await unless('mount.no-virtiofs', by.virtiofs, () =>
    unless('mount.no-sshfs', by.sshfs, async () => {
      try {
        return await by['9p']();
      } catch (error) {
        if (error instanceof HelperError && error.code === 'mount.no-9p')
          throw new HelperError('mount.no-sshfs', {}, { cause: error });
        throw error;
      }
    }),
  );
}

/** By another way where one cannot be, for the reason of that code. */
async function unless(
  code: string,
  first: () => Promise<AttachedShare>,
  other: () => Promise<AttachedShare>,
): Promise<AttachedShare> {
  try {
    return await first();
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== code) throw error;
    const attached = await other();
    return { ...attached, fallback: attached.fallback ?? error };
  }
}

/**
 * Takes out of a guest, its machine and this host what an earlier helper left of a mount. When `guestOver` is aborted
 * the guest is waited for no longer, and the rest is taken away all the same.
 */
export async function sweepMount(
  { virtiofs, scripts }: Transports,
  request: AttachRequest,
  guestOver: AbortSignal,
): Promise<void> {
  await unmountLeft(scripts, request, guestOver).catch(() => undefined); // it is not to be reached: its end is its own
  const signal = AbortSignal.timeout(machineLimitMs);
  await request.machine.closePorts(portName(request.mount.id), signal);
  const server = await virtiofs.find(request.instance, request.mount.id);
  if (request.machine.slots > 0)
    await request.machine
      .unplugShare(request.mount.id, guestOver.aborted ? AbortSignal.timeout(machineLimitMs) : guestOver)
      .catch(() => false); // the machine is going
  await (server === undefined ? virtiofs.forget(request.instance, request.mount.id) : server.stop());
}

async function unmountLeft(scripts: GuestScripts, request: AttachRequest, signal: AbortSignal): Promise<void> {
  const connection = await request.connect(signal);
  try {
    await runInGuest(connection, await scripts.unmount(request.mount), signal);
  } finally {
    connection.close();
  }
}
