// SPDX-License-Identifier: MIT
import { availableParallelism, totalmem } from 'node:os';
import type { InstanceName } from '#contract/names.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import { protocolVersion } from '#contract/protocol.ts';
import type { HostCheck, SystemInfo } from '#contract/system.ts';
import { sentence } from '#messages/say.ts';
import type { HostSecurity } from '../confinement/host-security.ts';
import { messageOf } from '../core/errors.ts';
import { englishOf } from '../core/said-error.ts';
import { inWords } from '../core/in-words.ts';
import type { HypervisorCapabilities } from '../core/seams/hypervisor.ts';
import type { Actor } from '../core/seams/operation.ts';
import { freeBytes } from '../posix/free-bytes.ts';
import { checkInstanceNetworks, unseenInstanceNetworks } from './checks/instance-networks.ts';
import type { Surroundings } from './checks/surroundings.ts';
import { examineHost } from './doctor.ts';
import { version } from './version.ts';

interface HostReportOptions extends Surroundings {
  readonly bootId: () => string;
  /** What is wrong with the network of those running instances that the viewer may look into. */
  readonly networkFaults: (
    viewer: Actor,
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<InstanceName, readonly NetworkFault[]>>;
  /** Called when a look has found something else than the one before. */
  readonly changed: (info: SystemInfo) => void;
}

/** What this computer offers to instances and what a person may have to mend; measured, not assumed. */
export class HostReport {
  readonly #options: HostReportOptions;
  #checks: readonly HostCheck[] = [
    inWords<HostCheck>({
      id: 'kvm',
      title: sentence('doctor.title.kvm'),
      state: 'checking',
      summary: sentence('doctor.checking-kvm'),
    }),
  ];
  #known: HypervisorCapabilities | undefined;

  constructor(options: HostReportOptions) {
    this.#options = options;
  }

  /** Looks at everything; the first look on a host may take seconds. Clients are told where something changed. */
  async examine(signal: AbortSignal): Promise<{ at: string; checks: HostCheck[] }> {
    const checks = await examineHost(this.#options, signal);
    const known = await this.#options.capabilities(signal).catch(() => undefined); // why not is among the checks
    const isChanged =
      JSON.stringify([checks.map(withoutEvidence), known]) !==
      JSON.stringify([this.#checks.map(withoutEvidence), this.#known]);
    this.#checks = checks;
    this.#known = known;
    if (isChanged) this.#options.changed(await this.info({ uid: 0, gid: 0 }));
    return { at: new Date().toISOString(), checks };
  }

  /** As {@link examine}, with what concerns the viewer's own instances and nobody else is to know. */
  async examineFor(viewer: Actor, signal: AbortSignal): Promise<{ at: string; checks: HostCheck[] }> {
    const [{ at, checks }, own] = await Promise.all([
      this.examine(signal),
      this.#options.networkFaults(viewer, signal).then(checkInstanceNetworks, (error: unknown) => {
        signal.throwIfAborted();
        return unseenInstanceNetworks(messageOf(error));
      }),
    ]);
    return {
      at,
      checks: checks.flatMap((check) => (check.id === 'network' && own !== undefined ? [check, own] : [check])),
    };
  }

  async info(caller: Pick<Actor, 'uid' | 'gid'>): Promise<SystemInfo> {
    return {
      version,
      protocol: protocolVersion,
      bootId: this.#options.bootId(),
      pid: process.pid,
      architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
      hostCpus: availableParallelism(),
      hostMemoryBytes: totalmem(),
      freeDiskBytes: await freeBytes(this.#options.stateDirectory),
      accelerator: this.#known?.accelerator,
      qemuVersion: this.#known?.qemuVersion,
      checks: [...this.#checks],
      confinement: await confinementOf(this.#options.hostSecurity),
      caller: { uid: caller.uid, gid: caller.gid },
    };
  }
}

async function confinementOf(hostSecurity: HostSecurity): Promise<SystemInfo['confinement']> {
  try {
    const { model, reason, needsConsent, problem } = await hostSecurity.policy();
    return { model, needsConsent, reason: reason && englishOf(reason), problem: problem && englishOf(problem) };
  } catch (error) {
    return { model: 'none', needsConsent: false, problem: messageOf(error) };
  }
}

/** Numbers that change all the time are no news. */
function withoutEvidence({ id, state, fix }: HostCheck): unknown {
  return { id, state, fix };
}
