// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import type { MacAddress } from '#contract/names.ts';
import { commandLine } from '../../native-helper/hypervisor/qemu/command-line.ts';
import { benchMachine, type BenchHelper } from './bench-helper.ts';
import type { BootKit } from './boot-kit.ts';
import { LabNetwork } from './lab-network.ts';
import { endProgram, runProgram, startProgram } from './programs.ts';
import { waitForSsh } from './ssh-banner.ts';

/**
 * Boots one fresh machine and returns the milliseconds from the order to its SSH banner. The machine is gone
 * afterwards.
 */
export type Contender = (round: number, signal: AbortSignal) => Promise<number>;

/** The product: a launch by the contract, from an image in the vault. The helper runs already. */
export function productContender(helper: BenchHelper): Contender {
  return async (round, signal) => {
    const name = `round-${round}`;
    const { promise: address, resolve } = Promise.withResolvers<string>();
    const stop = helper.connection.onEvent(({ body }) => {
      if (body.topic === 'instance.changed' && body.instance.name === name && body.instance.addresses?.[0])
        resolve(body.instance.addresses[0]);
    });
    try {
      const beganMs = performance.now();
      const { operationId } = await helper.connection.request('instances.launch', { ...benchMachine, name });
      await waitForSsh(await address, signal);
      const tookMs = performance.now() - beganMs;
      await helper.connection.request('operations.wait', { id: operationId }, { signal });
      return tookMs;
    } finally {
      stop();
      await helper.remove(name);
    }
  };
}

/** QEMU alone, by the product's own argument list: no launcher, no records, a tap that is there already. */
export function bareContender(kit: BootKit, network: LabNetwork): Contender {
  return async (round, signal) => {
    await using machine = await freshMachine(network, { name: `bare-${round}`, hasTap: true, signal });
    const beganMs = performance.now();
    const disk = await kit.freshDisk(`bare-${round}`, signal);
    const spec = { ...kit.spec, disks: kit.spec.disks.map((each) => ({ ...each, path: disk })) };
    const args = byName(commandLine(spec), { directory: kit.directory, tap: machine.tap });
    const qemu = startProgram('qemu-system-x86_64', args);
    try {
      await waitForSsh(await network.addressOf(macOf(spec), signal), signal);
      return performance.now() - beganMs;
    } finally {
      await endProgram(qemu, 'SIGKILL');
      await rm(disk);
    }
  };
}

function macOf({ nics: [nic] }: BootKit['spec']): MacAddress {
  if (!nic) throw new Error('the kit has a machine without a network card');
  return nic.mac;
}

/**
 * The same arguments for a QEMU that nobody hands descriptors to: tap, sockets and console by name, and its processors
 * run at once.
 */
function byName(
  args: readonly string[],
  { directory, tap }: { readonly directory: string; readonly tap: string },
): string[] {
  return args
    .filter((arg, index) => arg !== '-S' && arg !== '-add-fd' && args[index - 1] !== '-add-fd')
    .map((arg) => (arg.startsWith('tap,') ? `tap,id=net0,ifname=${tap},script=no,downscript=no` : arg))
    .map((arg) =>
      arg
        .replace(/^socket,id=(\w+),fd=\d+/, `socket,id=$1,path=${directory}/$1.sock`)
        .replace('/dev/fdset/1', `${directory}/console.log`),
    );
}

/** `virt-install --import` of a libvirtd that runs already, with the same disk, kernel and seed. */
export function libvirtContender(kit: BootKit, network: LabNetwork, uri: string): Contender {
  return async (round, signal) => {
    const { spec } = kit;
    const name = `virt-${round}`;
    await using machine = await freshMachine(network, { name, hasTap: false, signal });
    const beganMs = performance.now();
    const disk = await kit.freshDisk(machine.name, signal);
    try {
      await runProgram(
        'virt-install',
        [
          '--connect',
          uri,
          '--import',
          '--name',
          name,
          '--memory',
          String(spec.memoryBytes / 1024 ** 2),
          '--vcpus',
          String(spec.cpus),
          '--virt-type',
          spec.accelerator === 'kvm' ? 'kvm' : 'qemu',
          '--machine',
          'q35',
          '--osinfo',
          'detect=off,require=off',
          ...(spec.accelerator === 'kvm' ? ['--cpu', 'host-passthrough'] : []),
          '--disk',
          `path=${disk},format=qcow2,bus=virtio`,
          '--disk',
          `path=${spec.cdrom.path},format=raw,bus=virtio,readonly=on`,
          '--network',
          `bridge=${LabNetwork.bridge},model=virtio,mac=${macOf(spec)},rom.bar=off`,
          '--graphics',
          'none',
          '--noautoconsole',
          ...(spec.kernel
            ? [
                '--boot',
                `kernel=${spec.kernel.kernelPath},initrd=${spec.kernel.initrdPath},kernel_args="${spec.kernel.commandLine}"`,
              ]
            : []),
        ],
        signal,
      );
      await waitForSsh(await network.addressOf(macOf(spec), signal), signal);
      return performance.now() - beganMs;
    } finally {
      await runProgram('virsh', ['--connect', uri, 'destroy', name]).catch(() => undefined); // it may not have come up
      await runProgram('virsh', ['--connect', uri, 'undefine', name]).catch(() => undefined);
      await rm(disk, { force: true });
    }
  };
}

interface FreshMachine extends AsyncDisposable {
  readonly name: string;
  readonly tap: string;
}

/**
 * Makes the tap (before the clock starts) and forgets the lease of the round before, since all rounds share the seed's
 * MAC.
 */
async function freshMachine(
  network: LabNetwork,
  options: { name: string; hasTap: boolean; signal: AbortSignal },
): Promise<FreshMachine> {
  const tap = `b${options.name}`.slice(0, 15);
  await network.forgetLeases();
  if (options.hasTap) await network.addTap(tap);
  return {
    name: options.name,
    tap,
    [Symbol.asyncDispose]: async () => {
      if (options.hasTap) await network.removeTap(tap);
    },
  };
}
