// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { type Reason, reasonFrom } from '../../core/said-error.ts';
import { isInstalled } from '../../process/programs.ts';
import { mountLimitMs, type AttachedShare, type AttachRequest } from '../attached-share.ts';
import { farewell } from '../farewell.ts';
import { readLook, type GuestLook } from '../guest-look.ts';
import { GuestReport } from '../guest-report.ts';
import { within } from '../guest-run.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import { GuestShell } from '../guest-shell.ts';
import type { ChangedPaths } from '../share-watcher.ts';
import { hasFilter } from '../filter/share-filter.ts';
import type { VirtiofsServer, VirtiofsServers } from './virtiofs-server.ts';

const sweepLimitMs = 15_000;
/** A machine that ended without a word looks at first like one whose server was killed. */
const deadLimitMs = 5_000;
const lookEveryMs = 2_000;
/**
 * These are about the folder, the target or the guest's end, whatever carries the folder: another way would meet them
 * too.
 */
const sameForAll = [
  'mount.source-denied',
  'mount.source-changed',
  'mount.target-refused',
  'mount.map-refused',
  'mount.lost',
  'mount.no-virtiofs',
  'guest.ssh-failed',
  'guest.host-key-mismatch',
  'instance.wrong-state',
];

interface Parts {
  readonly servers: VirtiofsServers;
  readonly guest: VirtiofsGuest;
  readonly request: AttachRequest;
}

/**
 * Gets one folder into the guest by virtiofs: virtiofsd in its jail here, a device in the running machine there. The
 * helper carries no byte, and the mount goes on while no helper lives: what an earlier one left is taken over.
 *
 * @throws HelperError mount.no-virtiofs where host, machine or guest cannot
 */
export async function attachVirtiofs(
  servers: VirtiofsServers,
  scripts: GuestScripts,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const obstacle = await obstacleOf(request);
  if (obstacle !== undefined) throw new HelperError('mount.no-virtiofs', { reason: obstacle });
  const guest = new VirtiofsGuest(scripts, request);
  const parts = { servers, guest, request };
  try {
    const look = await guest.look(signal);
    if (!look.hasFileSystem)
      throw new HelperError('mount.no-virtiofs', { reason: sentence('mount.guest-without-virtiofs') });
    const left = await servers.find(request.instance, request.mount.id);
    if (left && look.isMounted) return attached(guest, left, request, false);
    await sweep(parts, left, signal);
    return await attachAnew(parts, look, signal);
  } catch (error) {
    guest.close();
    signal.throwIfAborted();
    if (error instanceof HelperError && sameForAll.includes(error.code)) throw error;
    throw new HelperError('mount.no-virtiofs', { reason: reasonFrom(error) }, { cause: error });
  }
}

async function obstacleOf({ mount, machine }: AttachRequest): Promise<Reason | undefined> {
  if (mount.uidMaps.length + mount.gidMaps.length > 0) return sentence('mount.owners-only-by-sshfs');
  if (!hasFilter(process.arch)) return sentence('mount.no-filter', { arch: process.arch });
  if (!(await isInstalled('virtiofsd'))) return sentence('mount.no-virtiofsd');
  return machine.slots === 0 ? sentence('mount.started-without-shared-memory') : undefined;
}

async function attachAnew(
  { servers, guest, request }: Parts,
  look: GuestLook,
  signal: AbortSignal,
): Promise<AttachedShare> {
  const { instance, mount, machine } = request;
  await using undo = new AsyncDisposableStack();
  const server = await servers.start(instance, mount, look.user, signal);
  undo.defer(() => server.stop());
  const tag = await machine.plugShare(
    { id: mount.id, tag: `berth-${mount.id}`, connection: server.connection },
    signal,
  );
  undo.defer(async () => {
    await machine.unplugShare(mount.id, farewell(signal));
  });
  const report = await guest.mount(tag, signal);
  undo.move();
  return attached(guest, server, request, report.isTargetMade);
}

/** Nothing of an earlier attempt may be in the way, nor anything wait for a server that is gone. */
async function sweep(
  { servers, guest, request: { instance, mount, machine } }: Parts,
  left: VirtiofsServer | undefined,
  signal: AbortSignal,
): Promise<void> {
  await guest.unmount(left === undefined, farewell(signal));
  if (!left) return await servers.forget(instance, mount.id);
  await machine.unplugShare(mount.id, signal);
  await left.stop();
}

function attached(
  guest: VirtiofsGuest,
  server: VirtiofsServer,
  request: AttachRequest,
  isTargetMade: boolean,
): AttachedShare {
  const ended = Promise.withResolvers<HelperError>();
  const gone = new HelperError('mount.server-ended', { reason: sentence('mount.server-gone') });
  let isOver = false;
  const end = (error: HelperError): void => {
    isOver = true;
    clearInterval(timer);
    ended.resolve(error);
  };
  void server.ended.then((reason) => end(new HelperError('mount.server-ended', { reason })));
  const count = trafficCounter(server, request.onBytes);
  const look = async (): Promise<void> => {
    await count();
    // One that an earlier helper started is no child of ours, whose end the kernel would tell.
    if (!(await server.isAlive())) end(gone);
  };
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  const detach = async (isUnmounted: boolean, guestOver: AbortSignal): Promise<void> => {
    clearInterval(timer);
    // Its slot is left: a guest that waits for an answer that never comes cannot let go of it.
    if (isOver && !(await server.isAlive())) {
      if (request.isReachable())
        await guest.unmount(true, AbortSignal.any([guestOver, AbortSignal.timeout(deadLimitMs)]));
      await server.stop();
    } else if (isUnmounted || isOver) {
      await guest.unmount(false, guestOver, isTargetMade);
      await request.machine.unplugShare(request.mount.id, guestOver).catch(() => false); // the machine is going
      await server.stop();
    }
  };
  return {
    transport: 'virtiofs',
    isTargetMade,
    ended: ended.promise,
    probe: async (limitMs) => {
      if (!(await server.isAlive())) {
        end(gone);
        return false;
      }
      const isMounted = await within(limitMs, guest.isMounted());
      // The guest has started anew, or somebody in it has unmounted.
      if (isMounted === false) end(new HelperError('mount.failed', { reason: sentence('mount.guest-has-it-no-more') }));
      return isMounted === true;
    },
    notify: (changes, over) => guest.notify(changes, over),
    detach: (isUnmounted, guestOver) =>
      detach(isUnmounted, guestOver).finally(() => {
        guest.close();
        end(new HelperError('mount.lost'));
      }),
  };
}

/** Reads the kernel's account and tells what is new in it. */
function trafficCounter(server: VirtiofsServer, onBytes: AttachRequest['onBytes']): () => Promise<void> {
  let last = { read: 0, written: 0 };
  return async () => {
    const now = await server.traffic().catch(() => undefined); // it is ending
    if (!now) return;
    if (now.read > last.read || now.written > last.written) onBytes(now.read - last.read, now.written - last.written);
    last = now;
  };
}

/** The guest's side of one virtiofs mount. */
class VirtiofsGuest {
  readonly #scripts: GuestScripts;
  readonly #request: AttachRequest;
  readonly #shell: GuestShell;

  constructor(scripts: GuestScripts, request: AttachRequest) {
    this.#scripts = scripts;
    this.#request = request;
    this.#shell = new GuestShell(request.connect);
  }

  async look(signal: AbortSignal): Promise<GuestLook> {
    return readLook(
      await this.#shell.run(await this.#scripts.look(this.#request.mount, this.#request.user, 'virtiofs'), signal),
    );
  }

  async isMounted(): Promise<boolean | undefined> {
    try {
      return (await this.look(AbortSignal.timeout(sweepLimitMs))).isMounted;
    } catch {
      return undefined; // not to be reached: that says nothing of the mount
    }
  }

  async mount(tag: string, signal: AbortSignal): Promise<GuestReport> {
    const { mount, user } = this.#request;
    const report = new GuestReport(mount.target);
    const outcome = await within(
      mountLimitMs,
      this.#shell.run(await this.#scripts.mountVirtiofs(mount, user, tag), signal),
    );
    report.take(outcome?.stderr ?? '');
    if (!report.isMounted)
      throw (
        report.failure() ??
        new HelperError(outcome === undefined ? 'mount.lost' : 'mount.failed', {
          reason: sentence('mount.guest-did-not-say'),
        })
      );
    return report;
  }

  async unmount(isDead: boolean, guestOver: AbortSignal, isTargetMade = false): Promise<void> {
    const { mount } = this.#request;
    const script = await this.#scripts.unmount(mount, { isTargetMade, isDead });
    await this.#shell.run(script, guestOver).catch(() => undefined); // a guest that is gone has no mount
  }

  async notify({ mode, paths }: ChangedPaths, over: AbortSignal): Promise<void> {
    await this.#shell.run(
      await this.#scripts.notify(this.#request.mount, mode),
      AbortSignal.any([over, AbortSignal.timeout(sweepLimitMs)]),
      paths,
    );
  }

  close(): void {
    this.#shell.close();
  }
}
