// SPDX-License-Identifier: MIT
import { readFile, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Accelerator } from '#contract/instances.ts';
import type { AccessEntry } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { accessEntries } from '../../confinement/access-entries.ts';
import type { HostSecurity } from '../../confinement/host-security.ts';
import { hasOpen } from '../../confinement/running-machine.ts';
import { HelperError, messageOf, toHelperError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type {
  Hypervisor,
  HypervisorCapabilities,
  LoadedMemory,
  MachinePlace,
  PreparedMachine,
  RunningMachine,
} from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Tap } from '../../core/seams/network.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import type { ManagedProcess, ProcessRef, ProcessRunner } from '../../core/seams/processes.ts';
import { locateProgram } from '../../process/programs.ts';
import type { Files } from '../../store/files.ts';
import { qemuProgram } from '../machine-types.ts';
import { RefusedCommand } from '../qmp/client.ts';
import { Accelerators } from './accelerators.ts';
import { becomes, endLeftProcess } from './left-process.ts';
import { MachineConfinement, type MachineRoom } from './machine-confinement.ts';
import { QemuMachine } from './machine.ts';
import {
  lastLinesOf,
  noteProcess,
  notedProcess,
  prepareRunFiles,
  removeRunFiles,
  sizeOf,
  takeOverRunDirectory,
} from './run-files.ts';
import { whenListening } from './wait-for-socket.ts';

/** From the start of the process to its greeting: QEMU opens its disks in between. */
const startLimitMs = 30_000;
const adoptLimitMs = 10_000;
/** What an honest QEMU answers within. All are asked at once, before the helper serves. */
const answerPatienceMs = 2000;
const exitGapMs = 2000;

export interface QemuHypervisorOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly hostSecurity: HostSecurity;
  readonly log: Logger;
  /** Where `launcher/` lies: the repository's assets, or those beside the bundle. */
  readonly assetsDirectory: string;
  /** `auto` asks the probe. */
  readonly accelerator: Accelerator | 'auto';
}

interface Start {
  readonly machine: MachineSpec;
  readonly room: MachineRoom;
  readonly taps: readonly Tap[];
  readonly memory: LoadedMemory | undefined;
}

/** Runs machines with QEMU, each confined and detached from the helper. */
export class QemuHypervisor implements Hypervisor {
  readonly #confinement: MachineConfinement;
  readonly #log: Logger;
  readonly #accelerators: Accelerators;

  constructor(options: QemuHypervisorOptions) {
    this.#confinement = new MachineConfinement(options);
    this.#log = options.log;
    this.#accelerators = new Accelerators(options);
  }

  capabilities(signal: AbortSignal): Promise<HypervisorCapabilities> {
    return this.#accelerators.capabilities(signal);
  }

  async prepare(machine: MachineSpec, signal: AbortSignal): Promise<PreparedMachine> {
    const room = await this.#confinement.prepare(machine, signal);
    return { start: (taps, ctx, memory) => this.#start({ machine, room, taps, memory }, ctx) };
  }

  /**
   * Undefined when that process is gone. One that does not answer is taken over all the same, and asked on.
   * @throws HelperError storage.failed
   */
  async adopt(machine: MachineSpec, ref: ProcessRef): Promise<RunningMachine | undefined> {
    const program = await realpath(await locateProgram(qemuProgram(machine.architecture)));
    if (!(await becomes(ref, program))) return undefined;
    const running = new QemuMachine({
      spec: machine,
      process: ref,
      startedAt: await startTime(ref),
      child: undefined,
      logOffset: 0,
      log: this.#log,
    });
    await takeOverRunDirectory(machine);
    await running.find(answerPatienceMs);
    await this.#confinement
      .takeOver(machine, ref, AbortSignal.timeout(adoptLimitMs))
      .catch((error: unknown) =>
        this.#log.warn(
          { instance: machine.instance, reason: messageOf(error) },
          'huge pages could not be mounted for a machine that runs',
        ),
      );
    return running;
  }

  async find(machine: Pick<MachineSpec, 'runDirectory'>): Promise<ProcessRef | undefined> {
    return await notedProcess(machine);
  }

  async hasOpen({ pid }: ProcessRef, file: string): Promise<boolean> {
    return await hasOpen(pid, file);
  }

  async end(machine: Pick<MachineSpec, 'runDirectory'>, recorded: ProcessRef | undefined): Promise<void> {
    for (const ref of [await notedProcess(machine), recorded]) if (ref) await endLeftProcess(ref);
  }

  async access(machine: MachineSpec): Promise<readonly AccessEntry[]> {
    return accessEntries(
      await this.#confinement.access(machine).catch((error: unknown) => {
        if (!(error instanceof HelperError) || error.code !== 'hardware.unavailable') throw error;
        // what this host has not is not touched
        const hardware = { ...machine.hardware, usesHugepages: false, vfioGroups: [] };
        return this.#confinement.access({ ...machine, hardware });
      }),
    );
  }

  async renew(machine: MachineSpec, ref: ProcessRef, signal: AbortSignal): Promise<void> {
    await this.#confinement.renew(machine, ref, signal);
  }

  async cleanUp(machine: MachinePlace): Promise<void> {
    await removeRunFiles(machine);
    await this.#confinement.remove(machine);
  }

  async #start(
    { machine, room, taps, memory }: Start,
    ctx: Pick<OperationContext, 'signal' | 'log' | 'undo'>,
  ): Promise<RunningMachine> {
    await using undo = new AsyncDisposableStack();
    ctx.signal.throwIfAborted();
    undo.defer(() => this.cleanUp(machine));
    await prepareRunFiles(machine);
    const logOffset = await sizeOf(machine.log);
    const child = await this.#confinement.launch(machine, room, taps, ctx.signal);
    const running = new QemuMachine({
      spec: machine,
      process: child.ref,
      startedAt: new Date(),
      child,
      logOffset,
      log: this.#log,
    });
    undo.defer(() => running.kill());
    await noteProcess(machine, child.ref);
    child.letGo();
    await whenGreeted(running, child, { machine, logOffset }, ctx.signal);
    running.learnVersion();
    if (memory) await load(running, memory, { machine, logOffset }, ctx.signal);
    let unclear: HelperError | undefined;
    if (memory) unclear = await goOn(running, memory, ctx.signal);
    else await running.resume(ctx.signal);
    ctx.log.info(
      { instance: machine.instance, pid: child.ref.pid, accelerator: machine.accelerator },
      'machine started',
    );
    ctx.undo.use(undo.move());
    memory?.wentOn(unclear);
    return running;
  }
}

/** A QEMU that does not take it says why in its log, and ends. */
async function load(
  running: QemuMachine,
  { descriptor, requireVersion }: LoadedMemory,
  { machine, logOffset }: { readonly machine: MachineSpec; readonly logOffset: number },
  signal: AbortSignal,
): Promise<void> {
  requireVersion(running.qemuVersion);
  try {
    await running.loadMemory(descriptor, signal);
  } catch (error) {
    signal.throwIfAborted();
    const [line] = await lastLinesOf(machine.log, logOffset);
    const reason = line ?? messageOf(error);
    throw new HelperError('memory.refused', { name: machine.instance, reason }, { cause: error });
  }
}

/**
 * Lets a loaded guest go on. Only QEMU's own refusal says that it did not: after an answer that is late or lost it may
 * have written to its disk, and the failure is returned instead of thrown.
 */
async function goOn(
  running: QemuMachine,
  { goesOn }: LoadedMemory,
  signal: AbortSignal,
): Promise<HelperError | undefined> {
  await goesOn();
  try {
    await running.resume(signal);
    return undefined;
  } catch (error) {
    if (error instanceof RefusedCommand) throw error;
    return toHelperError(error);
  }
}

/** Waits for QEMU's greeting or its end, whichever comes first. */
async function whenGreeted(
  running: QemuMachine,
  child: ManagedProcess,
  { machine, logOffset }: { readonly machine: MachineSpec; readonly logOffset: number },
  signal: AbortSignal,
): Promise<void> {
  const stopped = new AbortController();
  const limit = AbortSignal.timeout(startLimitMs);
  void child.exited.then(() => stopped.abort());
  try {
    const either = AbortSignal.any([signal, limit, stopped.signal]);
    await whenListening(
      either,
      () => running.connect(either),
      (error) => error instanceof HelperError && error.params['command'] === 'connect',
    );
  } catch (error) {
    signal.throwIfAborted();
    // a connection that breaks comes a moment before the exit that broke it
    const hasEnded = await Promise.race([
      child.exited.then(() => true),
      delay(exitGapMs, false, { signal }).catch(() => false),
    ]);
    signal.throwIfAborted();
    if (!hasEnded && !limit.aborted) throw error;
    const lines = await lastLinesOf(machine.log, logOffset);
    const reason =
      lines.length > 0
        ? lines.join('\n')
        : hasEnded
          ? sentence('hypervisor.ended-without-a-word')
          : sentence('hypervisor.no-answer', { seconds: startLimitMs / 1000 });
    throw new HelperError('hypervisor.start-failed', { reason }, { cause: error });
  }
}

/**
 * When a process started: the host's boot time plus its ticks, of which sysconf(_SC_CLK_TCK) is 100 on every Linux that
 * Node runs on.
 */
async function startTime(ref: ProcessRef): Promise<Date> {
  const bootSeconds = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  return new Date(Number(bootSeconds) * 1000 + ref.startTicks * 10);
}
