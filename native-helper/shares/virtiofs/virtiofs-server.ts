// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import type { Reason } from '../../core/said-error.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import { virtiofsdProfile, virtiofsdProfileName } from '../../confinement/profiles/virtiofsd.ts';
import { OwnDescriptor } from '../../core/own-descriptor.ts';
import type { Credentials, ManagedProcess, ProcessRef, ProcessRunner } from '../../core/seams/processes.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { connectedSocket, listeningSocket } from '../../posix/unix-sockets.ts';
import { isAlive, readProc } from '../../process/proc-fs.ts';
import { locateProgram } from '../../process/programs.ts';
import { readDocument, writeDocument } from '../../store/document.ts';
import { serverDocument, type ServerRecord } from './server-document.ts';
import type { Files } from '../../store/files.ts';
import type { MountRecord } from '../../store/instance-record.ts';
import { filteredCommand } from '../filter/filtered-command.ts';
import { endInside, firstInside, isJailReady, jailCommand, exitReason, serverBegun, startLimitMs } from '../jail.ts';
import { inStartTurn } from '../start-turn.ts';

/** virtiofsd ends by itself when QEMU lets go of it. */
const endGraceMs = 2_000;
const pollMs = 25;
const waitingLine = 'Waiting for vhost-user socket connection';
/** The descriptor of the listening socket in virtiofsd. */
const socketDescriptor = 3;
/**
 * What the kernel acts on (security.capability above all) has other names here, under which it means nothing; the guest
 * sees its own. To refuse it would keep the guest's programs from being run, and virtiofsd from starting.
 */
const attributeRules = ':prefix:all:security.:user.virtiofs.::prefix:all:trusted.:user.virtiofs.::ok:all:::';
/** All that it asks for by default; it has none of them, and to ask for what one has not is an error. */
const unwantedCapabilities = ['chown', 'dac_override', 'fowner', 'fsetid', 'setgid', 'setuid', 'mknod', 'setfcap'];

/** Which process the helper started, and which is the first in its jail. */

interface VirtiofsServersOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
}

/** virtiofsd for one folder, in its jail. It goes on when the helper ends, as the machine does. */
export interface VirtiofsServer {
  /** Resolves with how it ended, in words; never for one that an earlier helper started: ask `isAlive`. */
  readonly ended: Promise<Reason>;
  isAlive(): Promise<boolean>;
  /** What it has read and written since its start. */
  traffic(): Promise<{ readonly read: number; readonly written: number } | undefined>;
  /** Ends it and takes away what was made for it. */
  stop(): Promise<void>;
}

/** One that was started just now. */
export interface NewVirtiofsServer extends VirtiofsServer {
  /** The only one that it will ever have; for the machine. */
  readonly connection: OwnDescriptor;
}

/** Starts virtiofsd, and finds those of an earlier helper. */
export class VirtiofsServers {
  readonly #options: VirtiofsServersOptions;
  readonly #appArmor: AppArmor;

  constructor(options: VirtiofsServersOptions) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
  }

  /**
   * @param insideAs the guest's user whose files are those of the folder's
   * @throws HelperError mount.source-denied, mount.source-changed, mount.server-ended
   */
  async start(
    instance: InstanceName,
    mount: MountRecord,
    insideAs: Credentials,
    signal: AbortSignal,
  ): Promise<NewVirtiofsServer> {
    return await inStartTurn(mount, signal, async () => await this.#startInTurn(instance, mount, insideAs, signal));
  }

  async #startInTurn(
    instance: InstanceName,
    mount: MountRecord,
    insideAs: Credentials,
    signal: AbortSignal,
  ): Promise<NewVirtiofsServer> {
    const { files, runner } = this.#options;
    await makeDirectory(files.shares, 0o700);
    const { socket, connection } = await servedConnection(files.shareSocket(mount.id));
    const begun = Promise.withResolvers<void>();
    let output = '';
    let child: ManagedProcess;
    try {
      child = await runner.converse(
        {
          ...(await this.#command(instance, mount, insideAs, signal)),
          confinement: 'by-launcher',
          passedFds: [socket],
        },
        (text) => {
          output = (output + text).slice(-4000);
          if (isJailReady(output) && output.includes(waitingLine)) begun.resolve();
        },
      );
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    } finally {
      closeSync(socket);
    }
    const cleanUp = async (): Promise<void> => {
      connection[Symbol.dispose]();
      await this.forget(instance, mount.id);
    };
    try {
      // Before it waits for QEMU, QEMU must not be made to wait for it: a machine stands still meanwhile.
      await serverBegun(begun.promise, child, { mount, output: () => output, signal });
      await writeDocument(serverDocument, files.shareServer(mount.id), {
        schema: 1,
        process: child.ref,
        inside: await firstInside(child.ref),
      });
    } catch (error) {
      await child.stop();
      await cleanUp();
      throw error;
    }
    const ended = child.exited.then(async (exit) => {
      await cleanUp();
      return exit.signal === null
        ? exitReason(exit.exitCode, output)
        : sentence('mount.signal', { signal: exit.signal });
    });
    const server = serverOf(child.ref, ended, async () => {
      connection[Symbol.dispose]();
      if (!(await Promise.race([ended.then(() => true), delay(endGraceMs, false)]))) await child.stop();
      await ended;
    });
    return { ...server, connection };
  }

  /** One that an earlier helper started and that lives; undefined where there is none. */
  async find(instance: InstanceName, mountId: string): Promise<VirtiofsServer | undefined> {
    const ref = (await this.#known(mountId))?.process;
    if (!ref || !(await isAlive(ref))) return undefined;
    return serverOf(ref, new Promise(() => undefined), async () => {
      for (
        const until = performance.now() + endGraceMs;
        performance.now() < until && (await isAlive(ref));
        await delay(pollMs)
      );
      await killServer(ref);
      await this.forget(instance, mountId);
    });
  }

  /**
   * Takes away what a server left that is gone. After its exit, never before: a process whose profile is removed goes
   * on without one.
   */
  async forget(instance: InstanceName, mountId: string): Promise<void> {
    const { files } = this.#options;
    await endInside((await this.#known(mountId))?.inside);
    await this.#appArmor.remove(virtiofsdProfileName(instance, mountId), AbortSignal.timeout(startLimitMs));
    await rm(files.shareServer(mountId), { force: true });
  }

  /**
   * Ends servers that nobody wants any more, and takes away what servers left that ended while no helper lived.
   * @param isWanted whether a machine runs that has the mount
   */
  async sweep(isWanted: (mountId: string) => boolean): Promise<void> {
    const noted = (await readdir(this.#options.files.shares).catch(() => [])).flatMap(
      (name) => /^([0-9a-f]{8})\.json$/.exec(name)?.[1] ?? [],
    ); // none was ever made
    const kept = new Set<string>();
    for (const mountId of noted) {
      const known = await this.#known(mountId);
      if (known !== undefined && (await isAlive(known.process)) && isWanted(mountId)) kept.add(mountId);
      else if (known !== undefined) await killServer(known.process).then(() => endInside(known.inside));
      if (!kept.has(mountId)) await rm(this.#options.files.shareServer(mountId), { force: true });
    }
    await this.#appArmor.sweep((name) => {
      const mountId = /^multipass\.[^.]+\.virtiofsd\.([0-9a-f]{8})$/.exec(name)?.[1];
      return mountId !== undefined && !kept.has(mountId);
    }, AbortSignal.timeout(startLimitMs));
  }

  async #command(
    instance: InstanceName,
    mount: MountRecord,
    insideAs: Credentials,
    signal: AbortSignal,
  ): ReturnType<typeof filteredCommand> {
    const [program, setpriv, unshare] = await Promise.all([
      locateProgram('virtiofsd'),
      locateProgram('setpriv'),
      locateProgram('unshare'),
    ]);
    const profile = await this.#appArmor.prepare(
      virtiofsdProfile({
        instance,
        id: mount.id,
        isReadOnly: mount.isReadOnly,
        program,
        setpriv,
        unshare,
        folder: '/share',
      }),
      signal,
    );
    const jail = await jailCommand(
      {
        mount,
        profile,
        insideAs,
        program,
        args: [
          '-f',
          `--fd=${socketDescriptor}`,
          '--rlimit-nofile=0',
          '-o',
          `source=/share,sandbox=chroot,cache=auto,xattr,xattrmap=${attributeRules},modcaps=${unwantedCapabilities.map((name) => `-${name}`).join(':')}`,
        ],
      },
      this.#options,
    );
    return await filteredCommand('virtiofsd', jail);
  }

  /** Undefined where none was noted, and where another version's note is not understood. */
  async #known(mountId: string): Promise<ServerRecord | undefined> {
    return await readDocument(serverDocument, this.#options.files.shareServer(mountId)).catch(() => undefined);
  }
}

/**
 * A socket to listen on and the first connection to it, which waits there. Both are made in a directory of root's; the
 * name is gone before anybody is told of it.
 */
async function servedConnection(
  path: string,
): Promise<{ readonly socket: number; readonly connection: OwnDescriptor }> {
  await rm(path, { force: true });
  const socket = listeningSocket(path);
  try {
    return { socket, connection: new OwnDescriptor(connectedSocket(path)) };
  } catch (error) {
    closeSync(socket);
    throw error;
  } finally {
    await rm(path, { force: true });
  }
}

/** With all of its jail: the process that the helper started leads a session of its own. */
async function killServer(ref: ProcessRef): Promise<void> {
  try {
    if (await isAlive(ref)) process.kill(-ref.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone meanwhile
  }
  while (await isAlive(ref)) await delay(pollMs);
}

function serverOf(ref: ProcessRef, ended: Promise<Reason>, stop: () => Promise<void>): VirtiofsServer {
  return { ended, stop, isAlive: () => isAlive(ref), traffic: () => traffic(ref) };
}

/** By the kernel's account of the process that serves: the only one in the jail, the child of the one we started. */
async function traffic(ref: ProcessRef): Promise<{ readonly read: number; readonly written: number } | undefined> {
  const inside = await firstInside(ref);
  const account = inside && (await readProc(`/proc/${inside.pid}/io`));
  const number = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(account ?? '')?.[1] ?? 0);
  return account === undefined ? undefined : { read: number('rchar'), written: number('wchar') };
}
