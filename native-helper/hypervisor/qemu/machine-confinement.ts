// SPDX-License-Identifier: MIT
import { close } from 'node:fs';
import { access as reach, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { architecture } from '#contract/images.ts';
import { sentence } from '#messages/say.ts';
import { withAdministratorsFile } from '../../confinement/administrator/machine-profile-file.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import { prepareMachineCgroups, removeMachineCgroups } from '../../confinement/cgroups/machine-cgroups.ts';
import { requireUnmounted } from '../../confinement/hardware/block-devices.ts';
import {
  ensureHugepagesInside,
  findHugetlbMount,
  hugepagesDirectory,
  prepareHugepages,
  removeHugepages,
} from '../../confinement/hardware/hugepages.ts';
import { pciDevicesOf, type GroupDevice } from '../../confinement/hardware/pci-devices.ts';
import { givenFiles } from '../../confinement/grants/given-files.ts';
import type { HostPolicy, HostSecurity } from '../../confinement/host-security.ts';
import { launchSpec, writtenPaths } from '../../confinement/launcher.ts';
import { cgroupName, machineAccess, vhostNet, type MachineAccess } from '../../confinement/machine-access.ts';
import { deviceNodes, groupsOf } from '../../confinement/private-dev.ts';
import { profileName } from '../../confinement/profile.ts';
import { generateMachineProfile } from '../../confinement/profiles/qemu-machine.ts';
import { changeNodes, changeWritten } from '../../confinement/running-machine.ts';
import { readLauncherScript } from '../../core/assets.ts';
import { HelperError, storageError } from '../../core/errors.ts';
import type { MachinePlace } from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Tap } from '../../core/seams/network.ts';
import type { HeldProcess, ProcessRef, ProcessRunner } from '../../core/seams/processes.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { locateProgram } from '../../process/programs.ts';
import type { Files } from '../../store/files.ts';
import { aarch64Firmware, qemuProgram } from '../machine-types.ts';
import { commandLine } from './command-line.ts';
import { passedDescriptors } from './descriptors.ts';
import { openMachineSockets } from './run-files.ts';

const removalLimitMs = 10_000;
const modprobeLimitMs = 20_000;

interface Options {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly hostSecurity: HostSecurity;
  /** Where `launcher/` lies. */
  readonly assetsDirectory: string;
}

/** What was made for one start of a machine, by the host's policy of that moment. */
export interface MachineRoom {
  readonly policy: HostPolicy;
  readonly access: MachineAccess;
  /** To be entered; undefined where the kernel has no AppArmor. */
  readonly profile: string | undefined;
}

/** The room of each machine: made around its process at the start, changed while it runs, removed after its end. */
export class MachineConfinement {
  readonly #options: Options;
  readonly #appArmor: AppArmor;

  constructor(options: Options) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
  }

  async access(machine: MachineSpec, policy?: HostPolicy): Promise<MachineAccess> {
    const firmware = machine.architecture === 'aarch64' && !machine.kernel ? [aarch64Firmware] : [];
    const { conf, accounts } = policy ?? (await this.#options.hostSecurity.policy());
    const { pci, hugepages } = await hardwareOf(machine);
    return machineAccess(machine, await locateProgram(qemuProgram(machine.architecture)), firmware, {
      devices: await existing(conf.devices),
      accounts,
      pciDevices: pci,
      ...(hugepages === undefined ? {} : { hugepages }),
    });
  }

  /**
   * Makes what needs neither the machine's files nor its tap: its profile is the longest to make.
   * @throws HelperError confinement.consent-required, confinement.administrator-file, confinement.unavailable,
   * confinement.profile-rejected
   */
  async prepare(machine: MachineSpec, signal: AbortSignal): Promise<MachineRoom> {
    const policy = await this.#options.hostSecurity.policy();
    requireAllowed(machine, policy);
    await this.#prepareHardware(machine, signal);
    const access = await this.access(machine, policy);
    return { policy, access, profile: await this.#prepareProfile(machine, access, policy, signal) };
  }

  /**
   * Starts QEMU with all of the machine's confinement around it, or not at all: it waits until it is let go.
   * @throws HelperError confinement.unavailable, grant.source-changed
   */
  async launch(
    machine: MachineSpec,
    { policy: { conf }, access, profile }: MachineRoom,
    taps: readonly Tap[],
    signal: AbortSignal,
  ): Promise<HeldProcess> {
    const given = await givenFiles(machine.instance, access.files, { ...this.#options, signal });
    const devices = await deviceNodes(access.devices);
    const groups = [
      ...(conf.hasMountNamespace ? [] : await groupsOf(ownDevicesOf(access))),
      ...(await imageGroups(access)),
    ];
    const cgroups = await prepareMachineCgroups({
      name: access.cgroup,
      devices,
      limits: access.limits,
      controllers: conf.controllers,
    });
    await handOver(access);
    if (access.hugepages !== undefined) await prepareHugepages(access.hugepages, access.owner);
    using sockets = openMachineSockets(machine);
    const opened: number[] = [];
    try {
      for (const tap of taps) opened.push(tap.openFd());
      const spec = await launchSpec({
        access,
        given,
        profile,
        cgroups,
        devices,
        groups,
        env: machine.security?.qemu.env ?? {},
        hasMountNamespace: conf.hasMountNamespace,
        args: commandLine(machine, {
          hasSeccomp: conf.hasSeccomp,
          hugepages: access.hugepages,
          pciDevices: access.pciDevices,
        }),
        passedFds: passedDescriptors(opened, sockets),
        assetsDirectory: this.#options.assetsDirectory,
      });
      return await this.#options.runner.spawnHeld(spec, machine.log);
    } finally {
      await Promise.all(opened.map((fd) => promisify(close)(fd)));
    }
  }

  /** Brings the confinement of a machine that runs to its specification: what can be changed without a new start. */
  async renew(machine: MachineSpec, { pid }: ProcessRef, signal: AbortSignal): Promise<void> {
    const policy = await this.#options.hostSecurity.policy();
    const { conf } = policy;
    const access = await this.access(machine, policy);
    const devices = await deviceNodes(access.devices);
    await this.#prepareProfile(machine, access, policy, signal);
    await prepareMachineCgroups({ name: access.cgroup, devices, limits: access.limits, controllers: conf.controllers });
    const { runner, assetsDirectory } = this.#options;
    if (!conf.hasMountNamespace) return;
    await changeNodes(runner, { pid, owner: access.owner, devices, assetsDirectory }, signal);
    const given = access.files.filter(({ mode, purpose }) => mode === 'rw' && purpose === 'granted');
    await changeWritten(runner, { pid, own: await writtenPaths(access), given, assetsDirectory }, signal);
  }

  /** A machine that was taken over from an earlier helper: its huge pages may have been mounted since its start. */
  async takeOver(machine: MachineSpec, { pid }: ProcessRef, signal: AbortSignal): Promise<void> {
    if (!machine.hardware.usesHugepages) return;
    const { runner, assetsDirectory } = this.#options;
    const mount = await findHugetlbMount();
    const script = await readLauncherScript(assetsDirectory, 'machine-hugepages.sh');
    const { owner } = await this.access(machine);
    await ensureHugepagesInside(pid, hugepagesDirectory(mount, cgroupName(machine)), mount, {
      runner,
      owner,
      script,
      signal,
    });
  }

  /** After the machine's end only. */
  async remove(machine: MachinePlace): Promise<void> {
    await removeMachineCgroups(cgroupName(machine));
    await removeHugepages(cgroupName(machine));
    const architectures = machine.architecture === undefined ? architecture.options : [machine.architecture];
    for (const each of architectures)
      await this.#appArmor.remove(
        profileName(machine.instance, qemuProgram(each)),
        AbortSignal.timeout(removalLimitMs),
      );
  }

  /** What has to be true of the host's hardware before it is given away. */
  async #prepareHardware({ hardware }: MachineSpec, signal: AbortSignal): Promise<void> {
    for (const { path: disk, isReadOnly } of hardware.hostDisks) if (!isReadOnly) await requireUnmounted(disk);
    if (
      !hardware.usesVhostNet ||
      (await reach(`/dev/${vhostNet}`).then(
        () => true,
        () => false,
      ))
    )
      return;
    await this.#options.runner
      .run(
        { program: 'modprobe', args: ['vhost_net'], confinement: 'none-needed' },
        { signal, timeoutMs: modprobeLimitMs },
      )
      .catch((error: unknown) => {
        throw new HelperError(
          'hardware.unavailable',
          { what: 'vhost-net', reason: sentence('hypervisor.no-vhost-net', { vhostNet }) },
          { cause: error },
        );
      });
  }

  async #prepareProfile(
    machine: MachineSpec,
    access: MachineAccess,
    { conf }: HostPolicy,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const profile = await withAdministratorsFile(this.#options.hostSecurity.directory, generateMachineProfile(access));
    if (conf.driver === 'none') return undefined;
    return await this.#appArmor.prepare(
      profile,
      signal,
      machine.security?.mode === 'complain' ? 'complain' : 'enforce',
    );
  }
}

/**
 * The last to ask before a process is made: nothing starts with less than kernel, administrator and owner agreed to.
 */
function requireAllowed({ instance, security }: MachineSpec, { problem, needsConsent, reason = '' }: HostPolicy): void {
  if (problem !== undefined) throw new HelperError('confinement.unavailable', { layer: 'apparmor', reason: problem });
  if (needsConsent && security?.isAllowedWithoutAppArmor !== true)
    throw new HelperError('confinement.consent-required', { name: instance, reason });
}

/**
 * The host's nodes are opened by their group; that of a disk opens every disk, so such a device needs a /dev of the
 * machine's own.
 */
function ownDevicesOf({ devices }: MachineAccess): MachineAccess['devices'] {
  const given = devices.find(({ purpose }) => purpose !== 'device');
  if (given)
    throw new HelperError('confinement.unavailable', {
      layer: 'private-dev',
      reason: sentence('hypervisor.private-dev-needed', { name: given.name }),
    });
  return devices;
}

/** What this host has of the hardware that a machine is given. */
async function hardwareOf(
  machine: MachineSpec,
): Promise<{ readonly pci: readonly GroupDevice[]; readonly hugepages: string | undefined }> {
  const { vfioGroups, usesHugepages } = machine.hardware;
  const groups = vfioGroups.map(async ({ group }) =>
    (await pciDevicesOf(group)).map((device) => ({ ...device, group })),
  );
  const pci = (await Promise.all(groups)).flat();
  if (!usesHugepages) return { pci, hugepages: undefined };
  const mount = await findHugetlbMount();
  if (machine.memoryBytes % mount.pageBytes !== 0)
    throw new HelperError('hardware.unavailable', {
      what: sentence('hypervisor.huge-pages'),
      reason: sentence('hypervisor.no-multiple-of-pages', { pageBytes: mount.pageBytes }),
    });
  return { pci, hugepages: hugepagesDirectory(mount, cgroupName(machine)) };
}

/** Those of a list that this host has: one list serves hosts that differ. */
async function existing(devices: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    devices.map((name) =>
      reach(`/dev/${name}`).then(
        () => [name],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** An import may be read by its own group alone, which the files name themselves (images/vault/vault-directory.ts). */
async function imageGroups({ files }: MachineAccess): Promise<number[]> {
  const groups = await Promise.all(
    files.filter(({ purpose }) => purpose === 'image').map(async (file) => (await stat(file.path)).gid),
  );
  return [...new Set(groups)].filter((gid) => gid !== 0);
}

/** Disks and seed belong to the user that the machine runs as: its own, or the administrator's choice. */
async function handOver({ owner, files }: MachineAccess): Promise<void> {
  for (const { path: file, purpose } of files) {
    if (purpose !== 'disk' && purpose !== 'seed') continue;
    try {
      await using handle = await openRegular(file);
      const { uid, gid, mode } = await handle.stat();
      if (uid !== owner.uid || gid !== owner.gid) await handle.chown(owner.uid, owner.gid);
      if ((mode & 0o077) !== 0) await handle.chmod(0o600); // older seeds were everybody's to read
    } catch (error) {
      throw storageError('handOver', file, error);
    }
  }
}
