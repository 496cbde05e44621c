// SPDX-License-Identifier: MIT
import { close } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Accelerator } from '#contract/instances.ts';
import type { AccessEntry } from '#contract/security.ts';
import { accessEntries } from '../../confinement/access-entries.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import type { HostSecurity } from '../../confinement/host-security.ts';
import { launchSpec } from '../../confinement/launcher.ts';
import { prepareMachineCgroups, removeMachineCgroups } from '../../confinement/cgroups/machine-cgroups.ts';
import { cgroupName, machineAccess, type MachineAccess } from '../../confinement/machine-access.ts';
import { deviceNodes } from '../../confinement/private-dev.ts';
import { profileName } from '../../confinement/profile.ts';
import { qemuMachineProfile } from '../../confinement/profiles/qemu-machine.ts';
import { HelperError } from '../../core/errors.ts';
import type { Hypervisor, HypervisorCapabilities, MachineSpec, ManagedProcess, OperationContext, ProcessRef, ProcessRunner, RunningMachine, Tap } from '../../core/ports.ts';
import { executableOf, isAlive } from '../../process/proc-fs.ts';
import { locateProgram } from '../../process/programs.ts';
import type { Files } from '../../store/files.ts';
import { aarch64Firmware, qemuProgram } from '../machine-types.ts';
import { Accelerators } from './accelerators.ts';
import { commandLine } from './command-line.ts';
import { QemuMachine } from './machine.ts';
import { lastLinesOf, prepareRunFiles, removeRunFiles, sizeOf } from './run-files.ts';
import { whenListening } from './wait-for-socket.ts';

/** From the start of the process to its greeting: QEMU opens its disks in between. */
const startLimitMs = 30_000;
const adoptLimitMs = 10_000;
const exitGapMs = 2000;

export interface QemuHypervisorOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly hostSecurity: HostSecurity;
  /** Where `launcher/` lies: the repository's assets, or those beside the bundle. */
  readonly assetsDirectory: string;
  /** `auto` asks the probe. */
  readonly accelerator: Accelerator | 'auto';
}

/** Runs machines with QEMU, each confined and detached from the helper. */
export class QemuHypervisor implements Hypervisor {
  readonly #options: QemuHypervisorOptions;
  readonly #appArmor: AppArmor;
  readonly #accelerators: Accelerators;

  constructor(options: QemuHypervisorOptions) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
    this.#accelerators = new Accelerators(options);
  }

  capabilities(signal: AbortSignal): Promise<HypervisorCapabilities> {
    return this.#accelerators.capabilities(signal);
  }

  async start(machine: MachineSpec, tap: Tap, ctx: Pick<OperationContext, 'signal' | 'log' | 'undo'>): Promise<RunningMachine> {
    await using undo = new AsyncDisposableStack();
    ctx.signal.throwIfAborted();
    undo.defer(() => this.cleanUp(machine));
    await prepareRunFiles(machine);
    const logOffset = await sizeOf(machine.log);
    const child = await this.#launch(machine, tap, ctx.signal);
    const running = new QemuMachine({ spec: machine, process: child.ref, startedAt: new Date(), child, logOffset });
    undo.defer(() => running.kill());
    await whenGreeted(running, child, { machine, logOffset }, ctx.signal);
    await running.resume(ctx.signal);
    ctx.log.info({ instance: machine.instance, pid: child.ref.pid, accelerator: machine.accelerator }, 'machine started');
    ctx.undo.use(undo.move());
    return running;
  }

  /**
   * Undefined when that process is gone.
   * @throws HelperError hypervisor.control-failed or -timeout when it lives and does not answer: it still runs
   */
  async adopt(machine: MachineSpec, ref: ProcessRef): Promise<RunningMachine | undefined> {
    const executable = await executableOf(ref.pid);
    const program = await realpath(await locateProgram(qemuProgram(machine.architecture)));
    if (!(await isAlive(ref)) || executable !== program) return undefined;
    const running = new QemuMachine({ spec: machine, process: ref, startedAt: await startTime(ref), child: undefined, logOffset: 0 });
    await running.connect(AbortSignal.timeout(adoptLimitMs));
    return running;
  }

  async access(machine: MachineSpec): Promise<readonly AccessEntry[]> {
    return accessEntries(await this.#accessOf(machine));
  }

  async cleanUp(machine: MachineSpec): Promise<void> {
    await removeRunFiles(machine);
    await removeMachineCgroups(cgroupName(machine));
    await this.#appArmor.remove(profileName(machine.instance, qemuProgram(machine.architecture)), AbortSignal.timeout(adoptLimitMs));
  }

  async #launch(machine: MachineSpec, tap: Tap, signal: AbortSignal): Promise<ManagedProcess> {
    const access = await this.#accessOf(machine);
    const profile = await this.#appArmor.prepare(qemuMachineProfile(access), signal);
    const { needsConsent, reason = '' } = await this.#options.hostSecurity.policy();
    if (profile === undefined && needsConsent && machine.security?.isAllowedWithoutAppArmor !== true) throw new HelperError('confinement.consent-required', { name: machine.instance, reason });
    const devices = await deviceNodes(access.devices);
    const cgroups = await prepareMachineCgroups(access.cgroup, devices, access.limits);
    const fd = tap.openFd();
    try {
      const spec = await launchSpec({ access, profile, cgroups, devices, args: commandLine(machine), passedFds: [fd], assetsDirectory: this.#options.assetsDirectory });
      return await this.#options.runner.spawn(spec, { logPath: machine.log });
    } finally {
      await promisify(close)(fd);
    }
  }

  async #accessOf(machine: MachineSpec): Promise<MachineAccess> {
    const firmware = machine.architecture === 'aarch64' && !machine.kernel ? [aarch64Firmware] : [];
    return machineAccess(machine, await locateProgram(qemuProgram(machine.architecture)), firmware);
  }
}

/** Waits for QEMU's greeting or its end, whichever comes first. */
async function whenGreeted(running: QemuMachine, child: ManagedProcess, { machine, logOffset }: { readonly machine: MachineSpec; readonly logOffset: number }, signal: AbortSignal): Promise<void> {
  const stopped = new AbortController();
  const limit = AbortSignal.timeout(startLimitMs);
  void child.exited.then(() => stopped.abort());
  try {
    const either = AbortSignal.any([signal, limit, stopped.signal]);
    await whenListening(machine.qmpSocket, either, () => running.connect(either), (error) => error instanceof HelperError && error.params['command'] === 'connect');
  } catch (error) {
    signal.throwIfAborted();
    // a connection that breaks comes a moment before the exit that broke it
    const hasEnded = await Promise.race([child.exited.then(() => true), delay(exitGapMs, false, { signal }).catch(() => false)]);
    signal.throwIfAborted();
    if (!hasEnded && !limit.aborted) throw error;
    const lines = await lastLinesOf(machine.log, logOffset);
    const reason = lines.length > 0 ? lines.join('\n') : hasEnded ? 'it ended without a word' : `no answer within ${startLimitMs / 1000} s`;
    throw new HelperError('hypervisor.start-failed', { reason }, { cause: error });
  }
}

/** When a process started: the host's boot time plus its ticks, of which sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on. */
async function startTime(ref: ProcessRef): Promise<Date> {
  const bootSeconds = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  return new Date(Number(bootSeconds) * 1000 + ref.startTicks * 10);
}
