// SPDX-License-Identifier: MIT
import { write } from 'node:fs';
import { Duplex } from 'node:stream';
import type { IPty } from 'node-pty';

/** How soon a pty whose input queue is full (EAGAIN, pty(7)) is tried again; there is no event for it. */
const retryMs = 10;
/** How long the shell may take to leave after SIGHUP. */
const graceMs = 3000;

/**
 * A pseudo-terminal as a stream of bytes with back-pressure both ways; node-pty's own write queues
 * without end and spins while the pty is full. Destroying the stream hangs up the terminal.
 * The pty must have been opened with `encoding: null`.
 */
export class PtyStream extends Duplex {
  readonly #pty: IPty;
  readonly #fd: number;
  #hasExited = false;

  constructor(pty: IPty) {
    super({ allowHalfOpen: false });
    this.#pty = pty;
    this.#fd = (pty as IPty & { readonly fd: number }).fd;
    pty.onData((data) => {
      // With `encoding: null` the type says string and the value is a Buffer.
      if (!this.push(data as unknown as Buffer)) pty.pause();
    });
    pty.onExit(() => {
      this.#hasExited = true;
      this.push(null);
    });
  }

  override _read(): void {
    if (!this.#hasExited) this.#pty.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // After the exit the descriptor's number may belong to something else.
    if (this.#hasExited || this.destroyed) {
      callback();
      return;
    }
    write(this.#fd, chunk, (error, written) => {
      if (error && error.code !== 'EAGAIN') callback(error);
      else if (error) setTimeout(() => this._write(chunk, _encoding, callback), retryMs);
      else if (written < chunk.length) this._write(chunk.subarray(written), _encoding, callback);
      else callback();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#hasExited) {
      // A paused pty would never report its end.
      this.#pty.resume();
      this.#pty.kill('SIGHUP');
      const timer = setTimeout(() => {
        if (!this.#hasExited) this.#pty.kill('SIGKILL');
      }, graceMs);
      this.#pty.onExit(() => clearTimeout(timer));
    }
    callback(error);
  }
}
