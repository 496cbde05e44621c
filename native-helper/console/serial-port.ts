// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Logger } from '../core/log.ts';
import type { RunningMachine } from '../core/seams/hypervisor.ts';

/** A guest that takes nothing for so long takes no typing at all. */
const takingLimitMs = 60_000;

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

  /**
   * Types `bytes`. Resolves when there is room for more: who waits for that before typing on has one piece here at
   * most. Rejects when the port cannot be reached, breaks, or takes nothing for a minute. The connection is made at the
   * first use and again after a break.
   */
  async type(bytes: Buffer): Promise<void> {
    const socket = await this.#connected();
    if (!socket.writable) throw new Error('the serial port was closed');
    if (!socket.write(bytes)) await drained(socket);
  }

  close(): void {
    this.#socket?.then(
      (socket) => socket.destroy(),
      () => undefined,
    ); // never opened
    this.#socket = undefined;
  }

  async #connected(): Promise<Duplex> {
    this.#socket ??= this.#connect();
    try {
      return await this.#socket;
    } catch (error) {
      this.#socket = undefined;
      throw error;
    }
  }

  async #connect(): Promise<Duplex> {
    const socket = await this.#machine.openSerial();
    socket.setMaxListeners(0); // one for each who types
    socket.on('error', (error) => this.#log.debug({ error }, 'serial port'));
    socket.once('close', () => {
      this.#socket = undefined;
    });
    socket.resume();
    return socket;
  }
}

async function drained(socket: Duplex): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(takingLimitMs)]);
  try {
    await Promise.race([
      once(socket, 'drain', { signal }),
      once(socket, 'close', { signal }).then(() => {
        throw new Error('the serial port was closed');
      }),
    ]);
  } finally {
    over.abort();
  }
}
