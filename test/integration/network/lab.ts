// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import { createLogger } from '../../../native-helper/core/log.ts';
import type { NetworkAttachment } from '../../../native-helper/core/seams/network.ts';
import { LinuxNetwork } from '../../../native-helper/network/linux-backend.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';

export const execute = promisify(execFile);
export const soon = (): AbortSignal => AbortSignal.timeout(60_000);

/** Directories of a helper, and as many helpers' networks on them as a test wants. */
export class NetworkLab implements AsyncDisposable {
  readonly files: Files;
  readonly #directory: string;
  readonly #networks: LinuxNetwork[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  }

  static async create(): Promise<NetworkLab> {
    const directory = await mkdtemp(path.join(tmpdir(), 'berth-network-'));
    await chmod(directory, 0o755);
    const lab = new NetworkLab(directory);
    await Promise.all([mkdir(lab.files.stateDirectory), mkdir(lab.files.runDirectory)]);
    return lab;
  }

  /** A helper that has just begun. */
  network(bridgeName?: string): LinuxNetwork {
    const network = new LinuxNetwork({
      files: this.files,
      runner: new LocalProcessRunner(),
      log: createLogger('silent'),
      ...(bridgeName === undefined ? {} : { bridgeName }),
    });
    this.#networks.push(network);
    return network;
  }

  /** The process of the dnsmasq that runs with this lab's configuration (not its script runner). */
  async dnsmasqPids(): Promise<readonly number[]> {
    const { stdout } = await execute('ps', ['-eo', 'pid=,args=']);
    return stdout
      .split('\n')
      .filter((line) => line.includes(this.files.network) && line.includes('dnsmasq'))
      .map((line) => Number.parseInt(line, 10));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#networks.map((network) => network.close()));
    const last = this.network();
    await last.reconcile([], soon());
    await last.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export function attachment(number: number): NetworkAttachment {
  const digits = number.toString(16).padStart(8, '0');
  return {
    instance: `guest-${number}` as InstanceName,
    mac: `52:54:00:aa:00:${digits.slice(-2)}` as MacAddress,
    tap: `tap-${digits}`,
    owner: { uid: 1000, gid: 1000 },
  };
}

/**
 * Everything that we could have touched of the host, which is this file's network: other files have labs of their own.
 */
export async function hostState(): Promise<unknown> {
  const [links, rules, processes, forwarding] = await Promise.all([
    execute('ip', ['-j', 'link']),
    execute('nft', ['-j', 'list', 'ruleset']),
    execute('ps', ['-eo', 'netns=,args=']),
    execute('sysctl', ['net.ipv4.ip_forward']),
  ]);
  const names = (JSON.parse(links.stdout) as { ifname: string }[]).map((link) => link.ifname);
  const own = /\d+/.exec(await readlink('/proc/thread-self/ns/net'))?.[0] ?? '';
  const dnsmasqs = processes.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${own} `) && /berth-network-.*dnsmasq/.test(line));
  return { names, rules: JSON.parse(rules.stdout) as unknown, dnsmasqs, forwarding: forwarding.stdout };
}
