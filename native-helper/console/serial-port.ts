// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { Logger } from '../core/log.ts';
import type { RunningMachine } from '../core/seams/hypervisor.ts';

/**
 * The way in to a machine's serial port. QEMU takes one connection at a time, so the helper holds it
 * and everyone types through it. What comes out is dropped here: the log file has it already, and a
 * reader that lagged would make the guest wait.
 */
export class SerialPort {
  readonly #machine: RunningMachine;
  readonly #log: Logger;
  #socket: Promise<Duplex> | undefined;

  constructor(machine: RunningMachine, log: Logger) {
    this.#machine = machine;
    this.#log = log;
  }

  /** Types `bytes`. The connection is made at the first use and again after a break. */
  type(bytes: Buffer): void {
    this.#socket ??= this.#connect();
    this.#socket.then(
      (socket) => socket.write(bytes),
      (error: unknown) => {
        this.#socket = undefined;
        this.#log.warn({ error }, 'serial port not reachable: input dropped');
      },
    );
  }

  close(): void {
    this.#socket?.then((socket) => socket.destroy(), () => undefined); // never opened
    this.#socket = undefined;
  }

  async #connect(): Promise<Duplex> {
    const socket = await this.#machine.openSerial();
    socket.on('error', (error) => this.#log.debug({ error }, 'serial port'));
    socket.once('close', () => { this.#socket = undefined; });
    socket.resume();
    return socket;
  }
}
