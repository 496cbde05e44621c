// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { pino } from 'pino';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type {
  Hypervisor,
  LoadedMemory,
  PreparedMachine,
  RunningMachine,
} from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import type { Tap } from '../../../native-helper/core/seams/network.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import { QemuHypervisor } from '../../../native-helper/hypervisor/qemu/driver.ts';
import { strictSettings } from '../../../native-helper/instances/security/security-settings.ts';
import { cpuModel, machineType } from '../../../native-helper/hypervisor/machine-types.ts';
import { machineSecurity } from '../../../native-helper/instances/security/machine-settings.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';

export const runCommand = promisify(execFile);
export const assetsDirectory = path.resolve(import.meta.dirname, '../../../assets');
export const log = pino({ level: 'silent' });

const ioctl = koffi.load('libc.so.6').func('int ioctl(int fd, unsigned long request, void *argument)');

/** Opens a tap of this network namespace (linux/if_tun.h: TUNSETIFF; IFF_TAP | IFF_NO_PI | IFF_VNET_HDR). */
export function testTap(name: string): Tap {
  return {
    name,
    openFd: () => {
      const fd = openSync('/dev/net/tun', 'r+');
      const request = Buffer.alloc(40);
      request.write(name);
      request.writeUInt16LE(0x5002, 16);
      if (ioctl(fd, 0x400454ca, request) !== 0) {
        closeSync(fd);
        throw new Error(`TUNSETIFF ${name} failed`);
      }
      return fd;
    },
  };
}

/** A tap for each of the machine's NICs. */
export function testTaps({ nics }: MachineSpec): readonly Tap[] {
  return nics.map(({ tap }) => testTap(tap));
}

/** Starts a machine as an operation does, which gives back what a start that failed has made. */
export async function startMachine(
  hypervisor: Hypervisor,
  machine: MachineSpec,
  taps: readonly Tap[],
  ctx: Parameters<PreparedMachine['start']>[1] & { readonly memory?: LoadedMemory },
): Promise<RunningMachine> {
  try {
    return await (await hypervisor.prepare(machine, ctx.signal)).start(taps, ctx, ctx.memory);
  } catch (error) {
    await hypervisor.cleanUp(machine);
    throw error;
  }
}

/** What a machine has of the host's where nobody gave it any. */
export const noHardware: MachineSpec['hardware'] = {
  usesHugepages: false,
  usesVhostNet: false,
  vfioGroups: [],
  hostDisks: [],
};

export interface Fixture extends AsyncDisposable {
  readonly root: string;
  readonly files: Files;
  readonly hypervisor: QemuHypervisor;
  machine(name: string, changes?: Partial<MachineSpec>): Promise<MachineSpec>;
}

/** A root directory with a hypervisor on it; machines have an empty disk and seed and boot nothing. */
export async function createFixture(parent = tmpdir()): Promise<Fixture> {
  const root = await mkdtemp(path.join(parent, 'berth-hv-'));
  await chmod(root, 0o711);
  const files = new Files(path.join(root, 'state'), path.join(root, 'run'));
  return {
    root,
    files,
    hypervisor: new QemuHypervisor({
      runner: new LocalProcessRunner(),
      files,
      hostSecurity: new HostSecurity(path.join(root, 'config')),
      log,
      assetsDirectory,
      accelerator: 'tcg',
    }),
    machine: (name, changes = {}) => createMachine(files, name, changes),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function createMachine(files: Files, name: string, changes: Partial<MachineSpec>): Promise<MachineSpec> {
  const id = Buffer.from(name).toString('hex').slice(-8).padStart(8, '0');
  const own = files.instance(name as InstanceName);
  const run = files.machine(id);
  const uid = 61000 + (Number.parseInt(id, 16) % 1000);
  await mkdir(own.consoles, { recursive: true, mode: 0o711 });
  const backing = path.join(own.directory, 'base.qcow2');
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', backing, '1M']);
  await runCommand('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', backing, '-F', 'qcow2', own.disk, '1M']);
  await chmod(own.disk, 0o600);
  await runCommand('chown', [`${uid}:${uid}`, own.disk]);
  await writeFile(own.seed, Buffer.alloc(4096), { mode: 0o444 });
  return {
    schema: 2,
    id,
    instance: name as InstanceName,
    uuid: '6f1c1b8e-4f6b-4a38-9a0a-000000000001',
    architecture: 'x86_64',
    accelerator: 'tcg',
    stamp: { machineType: machineType('x86_64'), cpuModel: cpuModel('x86_64', 'tcg') },
    cpus: 1,
    maxCpus: 1,
    memoryBytes: 128 * 1024 ** 2,
    owner: { uid, gid: uid },
    disks: [
      {
        id: 'disk',
        path: own.disk,
        format: 'qcow2',
        backingPaths: [backing],
        isReadOnly: false,
        place: { bus: 'pcie.0', slot: 1 },
      },
    ],
    cdrom: { path: own.seed, place: { bus: 'pcie.0', slot: 2 } },
    nics: [{ id: 'nic0', mac: '52:54:00:12:34:56' as MacAddress, tap: `bt${id}`, place: { bus: 'pcie.0', slot: 3 } }],
    bootOrder: ['disk'],
    runDirectory: run.directory,
    qmpSocket: run.qmpSocket,
    serialSocket: run.serialSocket,
    consoleLog: own.consoleLog(1),
    log: own.log,
    security: { ...machineSecurity(strictSettings), isAllowedWithoutAppArmor: true },
    hardware: noHardware,
    ...changes,
  };
}
