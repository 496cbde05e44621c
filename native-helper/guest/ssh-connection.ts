// SPDX-License-Identifier: MIT
import type { CipherAlgorithm, Client, ClientChannel, PseudoTtyOptions } from 'ssh2';
import { HelperError, messageOf } from '../core/errors.ts';
import type { GuestProcess, GuestTarget } from '../core/seams/guest.ts';
import { loadSsh2 } from './load-ssh2.ts';
import { PacketSocket } from './packet-socket.ts';

const sshPort = 22;
const connectTimeoutMs = 30_000;

/** After how long a silent guest counts as gone: `intervalMs` times `count`. */
export interface KeepAlive {
  readonly intervalMs: number;
  readonly count: number;
}

/**
 * The library's own, but ChaCha20 before AES in counter mode: dropbear has no AES-GCM, and its AES is plain C, as slow in an
 * emulated guest as the guest's processor has to be imitated.
 */
const ciphers: readonly CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'];

const patient: KeepAlive = { intervalMs: 15_000, count: 4 };

type GuestEnd = Awaited<GuestProcess['ended']>;

/** A channel whose end is listened for from its first moment. */
export interface OpenChannel {
  readonly channel: ClientChannel;
  readonly ended: Promise<GuestEnd>;
}

/** One SSH connection to a guest, carrying any number of channels. */
export class SshConnection {
  readonly #client: Client;
  #isOpen = true;
  readonly closed: Promise<void>;

  private constructor(client: Client) {
    this.#client = client;
    client.setMaxListeners(0); // one for each command under way
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.#isOpen = false;
        resolve();
      });
    });
  }

  /**
   * Connects and authenticates. The host key must be the pinned one: anything else on that address is
   * not the instance.
   *
   * @throws HelperError guest.host-key-mismatch, guest.ssh-failed
   */
  static async open(target: GuestTarget, signal: AbortSignal, keepAlive: KeepAlive = patient): Promise<SshConnection> {
    signal.throwIfAborted();
    const client = new (loadSsh2().Client)();
    const pinned = Buffer.from(target.hostKey.split(' ')[1] ?? '', 'base64');
    let isForeign = false;
    const ready = Promise.withResolvers<void>();
    const abort = (): void => ready.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    client.once('ready', () => ready.resolve());
    client.on('error', (error) => ready.reject(error)); // to the connection's end: one that breaks may tell of it twice; 'close' follows and is what users wait for
    client.once('close', () => ready.reject(new Error('the connection was closed')));
    client.connect({
      sock: PacketSocket.to(target.address, sshPort),
      username: target.user,
      privateKey: target.privateKey,
      readyTimeout: connectTimeoutMs,
      keepaliveInterval: keepAlive.intervalMs,
      keepaliveCountMax: keepAlive.count,
      algorithms: { cipher: [...ciphers] },
      hostVerifier: (key: Buffer) => {
        isForeign = !key.equals(pinned);
        return !isForeign;
      },
    });
    try {
      await ready.promise;
    } catch (error) {
      client.destroy();
      if (signal.aborted) throw error;
      if (isForeign) throw new HelperError('guest.host-key-mismatch', { address: target.address }, { cause: error });
      throw new HelperError('guest.ssh-failed', { reason: messageOf(error) }, { cause: error });
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return new SshConnection(client);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async shell(window: PseudoTtyOptions & { term: string }): Promise<OpenChannel> {
    return await this.#channel((done) => this.#client.shell(window, done));
  }

  async exec(command: string): Promise<OpenChannel> {
    return await this.#channel((done) => this.#client.exec(command, done));
  }

  /** @throws HelperError guest.no-sftp where the guest has none */
  async sftp(): Promise<OpenChannel> {
    try {
      return await this.#channel((done) => this.#client.subsys('sftp', done));
    } catch (error) {
      if (!this.isOpen) throw error;
      throw new HelperError('guest.no-sftp', { reason: messageOf((error as Error).cause) }, { cause: error });
    }
  }

  close(): void {
    this.#client.end();
  }

  /** Without a word to the other side, which may be gone; whoever waits for something of it learns so at once. */
  breakOff(): void {
    this.#client.destroy();
  }

  /** Resolves as the work does, or with undefined when the connection closes before. Nothing of it stays with a connection that lives on. */
  async whileOpen<Value>(work: Promise<Value>): Promise<Value | undefined> {
    const closed = Promise.withResolvers<undefined>();
    const close = (): void => closed.resolve(undefined);
    this.#client.once('close', close);
    if (!this.#isOpen) close();
    try {
      return await Promise.race([work, closed.promise]);
    } finally {
      this.#client.off('close', close);
    }
  }

  async #channel(open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void): Promise<OpenChannel> {
    const opened = new Promise<OpenChannel>((resolve, reject) => {
      // In this very turn: a short command's success, exit status and end may be in one packet.
      open((error, channel) => (error ? reject(error) : resolve({ channel, ended: endOf(channel) })));
    });
    try {
      const channel = await this.whileOpen(opened);
      if (!channel) throw new Error('the connection was closed');
      return channel;
    } catch (error) {
      throw new HelperError('guest.ssh-failed', { reason: messageOf(error) }, { cause: error });
    }
  }
}

function endOf(channel: ClientChannel): Promise<GuestEnd> {
  let end: GuestEnd = {};
  channel.on('exit', (code: number | null, signal?: string) => {
    if (code !== null) end = { exitCode: code };
    else if (signal !== undefined) end = { signal };
  });
  return new Promise((resolve) => {
    channel.once('close', () => resolve(end));
  });
}
