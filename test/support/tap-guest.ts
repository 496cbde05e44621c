// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetworkAttachment, Tap } from '../../native-helper/core/seams/network.ts';
import { NetworkNamespace } from './netns.ts';

/** busybox udhcpc(8) calls it with what it was given. */
const dhcpScript = `#!/bin/sh
case "$1" in
  bound|renew) ip addr flush dev "$interface"; ip addr add "$ip/24" dev "$interface"; ip route replace default via "$router"; echo "address=$ip dns=$dns router=$router" ;;
esac
`;

/** A guest without a machine: a namespace whose `eth0` is connected to the tap as QEMU would be. */
export class TapGuest implements AsyncDisposable {
  readonly namespace: NetworkNamespace;
  readonly #stack: AsyncDisposableStack;
  readonly #script: string;

  private constructor(namespace: NetworkNamespace, stack: AsyncDisposableStack, script: string) {
    this.namespace = namespace;
    this.#stack = stack;
    this.#script = script;
  }

  static async start(tap: Tap, { mac }: Pick<NetworkAttachment, 'mac'>): Promise<TapGuest> {
    await using stack = new AsyncDisposableStack();
    const namespace = stack.use(await NetworkNamespace.create());
    await namespace.run('ip', 'tuntap', 'add', 'dev', 'eth0', 'mode', 'tap', 'vnet_hdr');
    await namespace.run('ip', 'link', 'set', 'eth0', 'address', mac);
    const fd = tap.openFd();
    const [program = '', ...args]: readonly string[] = [
      ...namespace.prefix,
      process.execPath,
      fileURLToPath(new URL('./tap-relay.ts', import.meta.url)),
    ];
    const relay = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit', fd] });
    closeSync(fd);
    stack.defer(async () => {
      const ended = relay.exitCode === null && relay.signalCode === null ? once(relay, 'exit') : Promise.resolve();
      relay.kill('SIGKILL');
      await ended;
    });
    if (relay.stdout) await once(relay.stdout, 'data');
    await namespace.run('ip', 'link', 'set', 'eth0', 'up');
    const directory = await mkdtemp(path.join(tmpdir(), 'berth-guest-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const script = path.join(directory, 'udhcpc');
    await writeFile(script, dhcpScript);
    await chmod(script, 0o755);
    return new TapGuest(namespace, stack.move(), script);
  }

  /** Asks for an address and takes it; rejects when none is given within some seconds. */
  async dhcp(): Promise<{ readonly address: string; readonly dns: string; readonly router: string }> {
    const output = await this.namespace.run(
      'busybox',
      'udhcpc',
      '-i',
      'eth0',
      '-n',
      '-q',
      '-f',
      '-t',
      '4',
      '-T',
      '1',
      '-s',
      this.#script,
    );
    const match = /address=(\S+) dns=(\S+) router=(\S+)/.exec(output);
    if (!match) throw new Error(`udhcpc said: ${output}`);
    return { address: match[1] ?? '', dns: match[2] ?? '', router: match[3] ?? '' };
  }

  canPing(address: string, from = 'eth0'): Promise<boolean> {
    return this.namespace.succeeds('busybox', 'ping', '-c', '1', '-W', '1', '-I', from, address);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
