// SPDX-License-Identifier: MIT
import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { protocolVersion } from '#contract/protocol.ts';
import type { HostCheck, SystemInfo } from '#contract/system.ts';
import { formatBytes, gibibyte } from '#contract/units.ts';
import { toHelperError } from '../core/errors.ts';
import { describeError } from '#contract/errors.ts';
import type { Actor, Hypervisor, HypervisorCapabilities } from '../core/ports.ts';
import { version } from './version.ts';

type Probe = { readonly state: 'checking' } | { readonly state: 'known'; readonly capabilities: HypervisorCapabilities } | { readonly state: 'failed'; readonly check: HostCheck };

interface HostReportOptions {
  readonly hypervisor: Hypervisor;
  readonly stateDirectory: string;
  readonly bootId: () => string;
  /** Called when a probe that takes its time has come to a result. */
  readonly changed: (info: SystemInfo) => void;
}

/** What this computer offers to instances and what a person may have to mend; measured, not assumed. */
export class HostReport {
  readonly #options: HostReportOptions;
  #probe: Probe = { state: 'checking' };

  constructor(options: HostReportOptions) {
    this.#options = options;
  }

  /** Looks at the hypervisor once; the first look on a host may take seconds. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      this.#probe = { state: 'known', capabilities: await this.#options.hypervisor.capabilities(signal) };
    } catch (error) {
      if (signal.aborted) return;
      const { message, hint } = describeError(toHelperError(error));
      this.#probe = { state: 'failed', check: { id: 'qemu', state: 'missing', summary: message, fix: hint } };
    }
    this.#options.changed(await this.info({ uid: 0, gid: 0 }));
  }

  async info(caller: Pick<Actor, 'uid' | 'gid'>): Promise<SystemInfo> {
    const { bavail, bsize } = await statfs(this.#options.stateDirectory);
    const freeDiskBytes = bavail * bsize;
    const known = this.#probe.state === 'known' ? this.#probe.capabilities : undefined;
    return {
      version,
      protocol: protocolVersion,
      bootId: this.#options.bootId(),
      pid: process.pid,
      architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
      hostCpus: availableParallelism(),
      hostMemoryBytes: totalmem(),
      freeDiskBytes,
      accelerator: known?.accelerator,
      qemuVersion: known?.qemuVersion,
      checks: [...this.#hypervisorChecks(), await appArmorCheck(), storageCheck(freeDiskBytes)],
      caller: { uid: caller.uid, gid: caller.gid },
    };
  }

  #hypervisorChecks(): HostCheck[] {
    switch (this.#probe.state) {
      case 'checking': return [{ id: 'kvm', state: 'checking', summary: 'Trying whether KVM can run a guest.' }];
      case 'failed': return [this.#probe.check];
      case 'known': return [qemuCheck(this.#probe.capabilities), kvmCheck(this.#probe.capabilities)];
      default: return this.#probe satisfies never;
    }
  }
}

function qemuCheck({ qemuVersion }: HypervisorCapabilities): HostCheck {
  return { id: 'qemu', state: 'good', summary: `QEMU ${qemuVersion}` };
}

function kvmCheck({ accelerator, acceleratorReason }: HypervisorCapabilities): HostCheck {
  if (accelerator === 'kvm') return { id: 'kvm', state: 'good', summary: acceleratorReason };
  return {
    id: 'kvm', state: 'limited', summary: `Software emulation (TCG), about ten times slower: ${acceleratorReason}`,
    fix: 'Enable virtualisation in the computer\'s firmware and load the module kvm_intel or kvm_amd.',
  };
}

/** The kernel's own word (Documentation/admin-guide/LSM/apparmor.rst). */
async function appArmorCheck(): Promise<HostCheck> {
  const enabled = await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').catch(() => 'N'); // no such module: not in this kernel
  if (enabled.trim() === 'Y') return { id: 'apparmor', state: 'good', summary: 'Each instance runs under its own AppArmor profile.' };
  return {
    id: 'apparmor', state: 'limited', summary: 'This kernel has no AppArmor; the other layers around each instance are on.',
    fix: 'Boot a kernel with AppArmor and add apparmor=1 security=apparmor to its command line.',
  };
}

function storageCheck(freeDiskBytes: number): HostCheck {
  const summary = `${formatBytes(freeDiskBytes)} free for images and disks`;
  return freeDiskBytes < 4 * gibibyte ? { id: 'storage', state: 'limited', summary, fix: 'Free some space or purge deleted instances.' } : { id: 'storage', state: 'good', summary };
}
