// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { Fingerprint, InstanceName, OperationId } from '#contract/names.ts';
import { socketNames } from '#contract/protocol.ts';

/**
 * Names every file and directory the helper writes; docs/on-disk.md describes them. No other
 * module joins a path below the state or run directory.
 */
export class Files {
  readonly stateDirectory: string;
  readonly runDirectory: string;

  constructor(stateDirectory: string, runDirectory: string) {
    this.stateDirectory = path.resolve(stateDirectory);
    this.runDirectory = path.resolve(runDirectory);
  }

  // state: survives a reboot of the host
  get instances(): string {
    return path.join(this.stateDirectory, 'instances');
  }
  get images(): string {
    return path.join(this.stateDirectory, 'images');
  }
  get downloads(): string {
    return path.join(this.stateDirectory, 'downloads');
  }
  get catalogues(): string {
    return path.join(this.stateDirectory, 'catalogues');
  }
  get imageSettings(): string {
    return path.join(this.stateDirectory, 'image-settings.json');
  }
  get operations(): string {
    return path.join(this.stateDirectory, 'operations');
  }
  /** Effects on the computer that are not in a record yet. */
  get ledger(): string {
    return path.join(this.stateDirectory, 'ledger');
  }
  /** Room for what gives room back. */
  get reserve(): string {
    return path.join(this.stateDirectory, 'reserve');
  }
  get profiles(): string {
    return path.join(this.stateDirectory, 'profiles');
  }
  get networkState(): string {
    return path.join(this.stateDirectory, 'network.json');
  }
  /** What was refused to Berth's own programs. */
  get ownDenials(): string {
    return path.join(this.stateDirectory, 'denials.json');
  }
  /** Which machine's user is the next. */
  get users(): string {
    return path.join(this.stateDirectory, 'users.json');
  }
  get work(): string {
    return path.join(this.stateDirectory, 'work');
  }

  instance(name: InstanceName): InstanceFiles {
    return new InstanceFiles(path.join(this.instances, name));
  }
  image(fingerprint: Fingerprint): ImageFiles {
    return new ImageFiles(path.join(this.images, fingerprint));
  }
  operation(id: OperationId): string {
    return path.join(this.operations, `${id}.json`);
  }

  // run: gone after a reboot of the host
  get rpcSocket(): string {
    return path.join(this.runDirectory, socketNames.rpc);
  }
  get streamSocket(): string {
    return path.join(this.runDirectory, socketNames.stream);
  }
  get network(): string {
    return path.join(this.runDirectory, 'network');
  }
  get kvmProbe(): string {
    return path.join(this.runDirectory, 'kvm-probe.json');
  }
  /** `id` is the instance's short id: a name could make a socket path too long. */
  machine(id: string): MachineFiles {
    return new MachineFiles(path.join(this.runDirectory, 'machines', id));
  }
  /** Jails are built on it, each in a mount namespace of its own; here it stays empty. */
  get jail(): string {
    return path.join(this.runDirectory, 'jail');
  }
  /** Of the servers that outlive a helper: who they are. */
  get shares(): string {
    return path.join(this.runDirectory, 'shares');
  }
  shareServer(mountId: string): string {
    return path.join(this.shares, `${mountId}.json`);
  }
  /** For the moment in which a server is given a socket and a connection to it. */
  shareSocket(mountId: string): string {
    return path.join(this.shares, `${mountId}.sock`);
  }
  get machines(): string {
    return path.join(this.runDirectory, 'machines');
  }
}

export class InstanceFiles {
  readonly directory: string;
  constructor(directory: string) {
    this.directory = directory;
  }
  get record(): string {
    return path.join(this.directory, 'instance.json');
  }
  get disk(): string {
    return path.join(this.directory, 'disk.qcow2');
  }
  /** Of one that is suspended; `memoryPart` while it is written. */
  get memory(): string {
    return path.join(this.directory, 'memory');
  }
  get memoryPart(): string {
    return path.join(this.directory, 'memory.part');
  }
  get seed(): string {
    return path.join(this.directory, 'seed.iso');
  }
  get secrets(): string {
    return path.join(this.directory, 'secrets.json');
  }
  get denials(): string {
    return path.join(this.directory, 'denials.json');
  }
  get log(): string {
    return path.join(this.directory, 'qemu.log');
  }
  get consoles(): string {
    return path.join(this.directory, 'console');
  }
  consoleLog(boot: number): string {
    return path.join(this.consoles, `boot-${String(boot).padStart(4, '0')}.log`);
  }
  consoleIndex(boot: number): string {
    return path.join(this.consoles, `boot-${String(boot).padStart(4, '0')}.json`);
  }
}

export class ImageFiles {
  readonly directory: string;
  constructor(directory: string) {
    this.directory = directory;
  }
  get record(): string {
    return path.join(this.directory, 'image.json');
  }
  get disk(): string {
    return path.join(this.directory, 'disk.qcow2');
  }
  get kernel(): string {
    return path.join(this.directory, 'kernel');
  }
  get initrd(): string {
    return path.join(this.directory, 'initrd');
  }
}

export class MachineFiles {
  readonly directory: string;
  constructor(directory: string) {
    this.directory = directory;
  }
  get qmpSocket(): string {
    return path.join(this.directory, 'qmp.sock');
  }
  get serialSocket(): string {
    return path.join(this.directory, 'serial.sock');
  }
}
