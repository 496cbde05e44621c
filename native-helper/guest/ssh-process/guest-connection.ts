// SPDX-License-Identifier: MIT
import type * as ssh2 from 'ssh2';
import type { CipherAlgorithm, Client, ClientChannel, KexAlgorithm } from 'ssh2';
import type { GuestTarget } from '../../core/seams/guest.ts';
import { Channel, type ChannelOrder } from './channel.ts';
import type { ChannelKind, KeepAlive, TerminalWindow } from './messages.ts';
import { PacketSocket } from './packet-socket.ts';

const sshPort = 22;

/**
 * The library's own, but ChaCha20 before AES in counter mode: dropbear has no AES-GCM, and its AES is plain C, as slow
 * in an emulated guest as the guest's processor has to be imitated.
 */
const cipher: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
/** No group of the guest's choice: to compute in one of eight thousand bits takes a third of a second each time. */
const kex: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
];

export interface ConnectOrder {
  readonly target: GuestTarget;
  readonly keepAlive: KeepAlive;
  readonly limitMs: number;
  /** Called once: it serves, and what the server calls itself, or with what failed. */
  readonly begun: (
    outcome: { readonly server: string } | { readonly reason: string; readonly isForeign: boolean },
  ) => void;
  /** Called once, after `begun` without failure: it serves no more. */
  readonly over: () => void;
}

/**
 * One SSH connection to the guest. Whatever breaks it destroys it at once: what is under way is not parsed any further.
 */
export class GuestConnection {
  readonly #client: Client;
  readonly #socket: PacketSocket;
  readonly #order: ConnectOrder;
  readonly #limit: NodeJS.Timeout;
  #state: 'opening' | 'open' | 'over' = 'opening';
  #isForeign = false;
  readonly #channels = new Set<Channel>();

  constructor({ Client: LibraryClient }: typeof ssh2, order: ConnectOrder) {
    const { target, keepAlive, limitMs } = order;
    const pinned = Buffer.from(target.hostKey.split(' ')[1] ?? '', 'base64');
    this.#order = order;
    this.#client = new LibraryClient();
    this.#socket = PacketSocket.to(target.address, sshPort);
    this.#limit = setTimeout(() => this.#fail('it takes too long'), limitMs);
    this.#client.setMaxListeners(0); // one for each channel under way
    this.#client.once('ready', () => this.#begin());
    // to the connection's end: one that breaks may tell of it twice
    this.#client.on('error', (error) => this.#fail(error.message));
    this.#client.once('close', () => this.#fail('the connection was closed'));
    this.#socket.once('close', () => this.#fail('the connection was closed'));
    try {
      this.#client.connect({
        sock: this.#socket,
        username: target.user,
        privateKey: target.privateKey,
        readyTimeout: limitMs,
        keepaliveInterval: keepAlive.intervalMs,
        keepaliveCountMax: keepAlive.count,
        algorithms: { cipher, kex, compress: ['none'] },
        hostVerifier: (key: Buffer) => {
          this.#isForeign = !key.equals(pinned);
          return !this.#isForeign;
        },
      });
    } catch (error) {
      queueMicrotask(() => this.#fail(error instanceof Error ? error.message : String(error)));
    }
  }

  /** Opens a channel and carries it by the lanes. `begun` and `over` as for a connection. */
  channel(kind: ChannelKind, order: ChannelOrder): Channel {
    const channel = new Channel(order, {
      breakOff: (reason) => this.#fail(reason),
      isDone: () => this.#channels.delete(channel),
    });
    this.#channels.add(channel);
    // never before it is handed out
    const refuse = (reason: string): void => queueMicrotask(() => channel.refuse(reason));
    const done = (error: Error | undefined, opened: ClientChannel): void =>
      error ? refuse(error.message) : channel.begin(opened, this.#socket);
    try {
      if (this.#state !== 'open') refuse('the connection was closed');
      else if ('exec' in kind) this.#client.exec(kind.exec, kind.window ? { pty: ptyOf(kind.window) } : {}, done);
      else if ('shell' in kind) this.#client.shell(ptyOf(kind.shell), done);
      else this.#client.subsys('sftp', done);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
    }
    return channel;
  }

  /** Without a word to the guest, which may be gone or not listen: the end of TCP's connection says it all. */
  end(): void {
    this.#fail('it was ended');
  }

  #begin(): void {
    if (this.#state !== 'opening') return;
    clearTimeout(this.#limit);
    this.#state = 'open';
    // The library keeps it to itself.
    this.#order.begun({
      server: String((this.#client as unknown as { readonly _remoteVer?: string })._remoteVer ?? ''),
    });
  }

  #fail(reason: string): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    clearTimeout(this.#limit);
    this.#client.destroy();
    this.#socket.destroy();
    if (before === 'opening') this.#order.begun({ reason, isForeign: this.#isForeign });
    else this.#order.over();
    for (const channel of this.#channels) channel.cutOff(reason);
    this.#channels.clear();
  }
}

function ptyOf({
  term,
  columns,
  rows,
}: TerminalWindow): ssh2.PseudoTtyOptions & { readonly width: number; readonly height: number } {
  return { term, cols: columns, rows, width: 0, height: 0 };
}
