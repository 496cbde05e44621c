// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProgram, isInstalled, runProgram, startProgram } from './programs.ts';

/** A libvirtd run by hand: the machines' files belong to root here, so QEMU runs as root and without sVirt. */
export class LibvirtDaemon implements AsyncDisposable {
  /** Where virt-install and virsh find it. */
  readonly uri: string;
  readonly #directory: string;
  readonly #processes: readonly ChildProcess[];

  private constructor(uri: string, directory: string, processes: readonly ChildProcess[]) {
    this.uri = uri;
    this.#directory = directory;
    this.#processes = processes;
  }

  /** Undefined, with the reason, where libvirt is not installed or does not start. */
  static async start(): Promise<LibvirtDaemon | string> {
    for (const program of ['libvirtd', 'virt-install', 'virsh'])
      if (!(await isInstalled(program))) return `${program} is not installed`;
    const directory = await mkdtemp('/var/tmp/berth-bench-virt-');
    const environment = {
      ...process.env,
      HOME: directory,
      XDG_RUNTIME_DIR: path.join(directory, 'run'),
      XDG_CONFIG_HOME: path.join(directory, 'config'),
    };
    await writeFile(path.join(directory, 'libvirtd.conf'), `unix_sock_dir = "${directory}"\nauth_unix_rw = "none"\n`);
    const logger = startProgram('virtlogd', [], environment);
    const daemon = startProgram('libvirtd', ['--config', path.join(directory, 'libvirtd.conf')], environment);
    const libvirt = new LibvirtDaemon(`qemu+unix:///system?socket=${directory}/libvirt-sock`, directory, [
      daemon,
      logger,
    ]);
    for (let tries = 0; tries < 100; tries += 1) {
      if (
        await runProgram('virsh', ['--connect', libvirt.uri, 'list']).then(
          () => true,
          () => false,
        )
      )
        return libvirt;
      await delay(100);
    }
    await libvirt[Symbol.asyncDispose]();
    return 'libvirtd does not start here';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#processes) await endProgram(each);
    await rm(this.#directory, { recursive: true, force: true });
  }
}
