// SPDX-License-Identifier: MIT
import { profileName } from '../../../native-helper/confinement/profile.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import type { ConversingProcess, Credentials } from '../../../native-helper/core/seams/processes.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { QmpProbe } from './qmp-probe.ts';

/**
 * A second QEMU in the profile of a machine, driven over QMP: the machine's own control socket serves the helper
 * meanwhile.
 */
export class Intruder implements AsyncDisposable {
  readonly #child: ConversingProcess;
  readonly #probe: QmpProbe;

  constructor(child: ConversingProcess, probe: QmpProbe) {
    this.#child = child;
    this.#probe = probe;
  }

  /** As whoever took the machine over would be. */
  static async enter(machine: MachineSpec): Promise<Intruder> {
    return await start(machine, machine.owner);
  }

  /** With every capability: what the files' own modes would refuse comes before AppArmor too. */
  static async enterAsRoot(machine: MachineSpec): Promise<Intruder> {
    return await start(machine, undefined);
  }

  /** `opened`, or what QEMU says. */
  async open(file: string, isReadOnly: boolean): Promise<string> {
    return await this.#probe.openFile(file, isReadOnly);
  }

  async run(command: string, parameters: object): Promise<string> {
    return await this.#probe.run(command, parameters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}

async function start({ instance }: MachineSpec, runAs: Credentials | undefined): Promise<Intruder> {
  const child = await new LocalProcessRunner().converse({
    program: 'qemu-system-x86_64',
    confinement: { profile: profileName(instance, 'qemu-system-x86_64') },
    ...(runAs === undefined ? {} : { runAs }),
    args: ['-nodefaults', '-no-user-config', '-machine', 'none', '-display', 'none', '-S', '-qmp', 'stdio'],
  });
  return new Intruder(child, await QmpProbe.over(child.stdin, child.stdout));
}
