// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { Client } from 'ssh2';
import type { VaultRecord } from '../../native-helper/core/seams/images.ts';
import { locateProgram } from '../../native-helper/process/programs.ts';

interface BareGuestOptions {
  readonly image: VaultRecord;
  readonly disk: string;
  readonly seed: string;
  readonly mac: string;
  readonly directory: string;
  /** Starts by the disk's own boot loader, with the firmware of that path or with BIOS. */
  readonly bootLoader?: { readonly firmware?: string };
}

export interface GuestAnswer {
  readonly stdout: string;
  readonly exitCode: number;
}

const pollMs = 50;

/** A guest under QEMU without the product around it: user-mode network, serial port and QMP on sockets. */
export class BareGuest implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #options: BareGuestOptions;
  readonly #port: number;
  readonly #startedAt = performance.now();

  private constructor(process: ChildProcess, options: BareGuestOptions, port: number) {
    this.#process = process;
    this.#options = options;
    this.#port = port;
  }

  static async start(options: BareGuestOptions): Promise<BareGuest> {
    const port = await freePort();
    const file = (name: string): string => path.join(options.directory, name);
    const { kernel } = options.image;
    const boot =
      options.bootLoader || !kernel
        ? options.bootLoader?.firmware === undefined
          ? []
          : ['-bios', options.bootLoader.firmware]
        : ['-kernel', kernel.kernelPath, '-initrd', kernel.initrdPath, '-append', kernel.commandLine];
    const qemu = spawn(
      await locateProgram('qemu-system-x86_64'),
      [
        '-machine',
        'q35',
        '-accel',
        'tcg,thread=multi',
        '-cpu',
        'max',
        '-m',
        '384',
        '-nodefaults',
        '-no-user-config',
        '-display',
        'none',
        '-chardev',
        `socket,id=serial,path=${file('serial')},server=on,wait=off,logfile=${file('console.log')}`,
        '-serial',
        'chardev:serial',
        '-qmp',
        `unix:${file('qmp')},server=on,wait=off`,
        '-drive',
        `if=none,id=disk,file=${options.disk},format=qcow2`,
        '-device',
        'virtio-blk-pci,drive=disk',
        '-drive',
        `if=none,id=seed,file=${options.seed},format=raw,readonly=on`,
        '-device',
        'virtio-blk-pci,drive=seed',
        '-netdev',
        `user,id=net,hostfwd=tcp:127.0.0.1:${port}-:22`,
        '-device',
        `virtio-net-pci,netdev=net,mac=${options.mac}`,
        '-device',
        'virtio-rng-pci',
        ...boot,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await once(qemu, 'spawn');
    return new BareGuest(qemu, options, port);
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  async console(): Promise<string> {
    return await readFile(path.join(this.#options.directory, 'console.log'), 'utf8').catch(() => '');
  }

  /** Resolves when the console has `text`, `count` times or more. */
  async waitForConsole(text: string, signal: AbortSignal, count = 1): Promise<void> {
    await this.#until(
      async () => (await this.console()).split(text).length > count,
      `"${text}" on the console`,
      signal,
    );
  }

  /** Runs a command over SSH, trying until the guest answers; refuses any host key but `hostKey`. */
  async ssh(
    login: { readonly user: string; readonly privateKey: string; readonly hostKey: string },
    command: string,
    signal: AbortSignal,
  ): Promise<GuestAnswer> {
    let answer: GuestAnswer | undefined;
    await this.#until(
      async () => {
        answer = await runOverSsh(this.#port, login, command, signal).catch((error: unknown) => {
          if (error instanceof Error && 'level' in error && error.level === 'client-authentication') throw error;
          return undefined;
        });
        return answer !== undefined;
      },
      'an answer over SSH',
      signal,
    );
    return answer as GuestAnswer;
  }

  async typeOnSerial(): Promise<Socket> {
    const socket = connect(path.join(this.#options.directory, 'serial'));
    await once(socket, 'connect');
    return socket;
  }

  /** Presses the power button. */
  async pressPowerButton(): Promise<void> {
    const socket = connect(path.join(this.#options.directory, 'qmp'));
    let replies = '';
    const answered = Promise.withResolvers<void>();
    socket.on('data', (data) => {
      replies += data.toString();
      // QEMU drops what it has not read when the socket closes
      if (replies.split('"return"').length > 2) answered.resolve();
    });
    socket.write('{"execute":"qmp_capabilities"}{"execute":"system_powerdown"}');
    await answered.promise;
    socket.destroy();
  }

  /** Resolves with the milliseconds until QEMU had ended by itself. */
  async ended(signal: AbortSignal): Promise<number> {
    const since = performance.now();
    if (this.#process.exitCode === null) await once(this.#process, 'exit', { signal });
    return performance.now() - since;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async #until(condition: () => Promise<boolean>, what: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (await condition()) return;
      if (signal.aborted || this.#process.exitCode !== null)
        throw new Error(`no ${what}; the console's end:\n${(await this.console()).slice(-2000)}`);
      await new Promise((resolve) => {
        setTimeout(resolve, pollMs);
      });
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function runOverSsh(
  port: number,
  login: { readonly user: string; readonly privateKey: string; readonly hostKey: string },
  command: string,
  signal: AbortSignal,
): Promise<GuestAnswer> {
  const wanted = createHash('sha256')
    .update(Buffer.from(login.hostKey.split(' ')[1] ?? '', 'base64'))
    .digest('hex');
  const client = new Client();
  try {
    client.on('error', () => {}); // one that comes after the promise below is settled says nothing new
    const ready = once(client, 'ready');
    client.connect({
      host: '127.0.0.1',
      port,
      username: login.user,
      privateKey: login.privateKey,
      hostHash: 'sha256',
      hostVerifier: (hash: string) => hash === wanted,
      readyTimeout: 8000,
      // a guest that goes down hard ends no connection, and QEMU's user network does not either
      keepaliveInterval: 2000,
      keepaliveCountMax: 5,
    });
    await ready;
    return await new Promise<GuestAnswer>((resolve, reject) => {
      client.once('error', reject);
      signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
      client.exec(command, (error, channel) => {
        if (error) {
          reject(error);
          return;
        }
        let stdout = '';
        channel.on('data', (data: Buffer) => {
          stdout += data.toString();
        });
        channel.on('close', (exitCode: number | null) => {
          resolve({ stdout, exitCode: exitCode ?? -1 });
        });
      });
    });
  } finally {
    client.end();
  }
}
