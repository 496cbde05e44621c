// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProgram, runProgram, startProgram } from './programs.ts';

/**
 * A bridge with a DHCP server, for machines that the product does not manage. In the bench's own network namespace
 * only.
 */
export class LabNetwork implements AsyncDisposable {
  static readonly bridge = 'benchbr0';
  readonly #directory: string;
  #dnsmasq: ChildProcess;

  private constructor(directory: string, dnsmasq: ChildProcess) {
    this.#directory = directory;
    this.#dnsmasq = dnsmasq;
  }

  static async start(): Promise<LabNetwork> {
    const directory = await mkdtemp('/var/tmp/berth-bench-net-');
    await runProgram('ip', ['link', 'add', LabNetwork.bridge, 'type', 'bridge', 'forward_delay', '0']);
    await runProgram('ip', ['address', 'add', '10.213.77.1/24', 'dev', LabNetwork.bridge]);
    await runProgram('ip', ['link', 'set', LabNetwork.bridge, 'up']);
    const dnsmasq = startDnsmasq(directory);
    return new LabNetwork(directory, dnsmasq);
  }

  async addTap(name: string): Promise<void> {
    await runProgram('ip', ['tuntap', 'add', 'dev', name, 'mode', 'tap']);
    await runProgram('ip', ['link', 'set', name, 'master', LabNetwork.bridge, 'up']);
  }

  async removeTap(name: string): Promise<void> {
    await runProgram('ip', ['link', 'delete', name]);
  }

  /** Restarts the DHCP server with no leases, so that the next one seen is new. */
  async forgetLeases(): Promise<void> {
    await endProgram(this.#dnsmasq);
    await rm(path.join(this.#directory, 'leases'), { force: true });
    this.#dnsmasq = startDnsmasq(this.#directory);
  }

  /** Waits until the DHCP server gave this MAC an address. */
  async addressOf(mac: string, signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted();
      const leases = await readFile(path.join(this.#directory, 'leases'), 'utf8').catch(() => '');
      const line = leases.split('\n').find((each) => each.split(' ')[1] === mac);
      if (line) return line.split(' ')[2] ?? '';
      await delay(10);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProgram(this.#dnsmasq);
    await runProgram('ip', ['link', 'delete', LabNetwork.bridge]);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function startDnsmasq(directory: string): ChildProcess {
  return startProgram('dnsmasq', [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--bind-interfaces',
    `--interface=${LabNetwork.bridge}`,
    '--except-interface=lo',
    '--port=0',
    '--no-ping',
    '--dhcp-range=10.213.77.10,10.213.77.250,1h',
    '--dhcp-authoritative',
    `--dhcp-leasefile=${path.join(directory, 'leases')}`,
    `--pid-file=${path.join(directory, 'pid')}`,
    '--user=root',
  ]);
}
