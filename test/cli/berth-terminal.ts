// SPDX-License-Identifier: MIT
import { spawn, type IPty } from 'node-pty';
import { cliBundle } from '../../scripts/lib/paths.ts';

/** The command line on a pseudo-terminal of its own. */
export class BerthTerminal implements Disposable {
  readonly #pty: IPty;
  readonly exited: Promise<number>;
  #output = '';
  #changed = Promise.withResolvers<void>();
  #hasExited = false;

  constructor(runDirectory: string, args: readonly string[], size = { cols: 90, rows: 30 }) {
    this.#pty = spawn(process.execPath, [cliBundle, ...args], {
      ...size,
      name: 'xterm-256color',
      env: { ...process.env, BERTH_RUN_DIR: runDirectory },
    });
    this.#pty.onData((data) => {
      this.#output += data;
      this.#wake();
    });
    this.exited = new Promise((resolve) =>
      this.#pty.onExit(({ exitCode }) => {
        this.#hasExited = true;
        this.#wake();
        resolve(exitCode);
      }),
    );
  }

  get output(): string {
    return this.#output;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /**
   * Waits until the output after `from` matches; returns the offset behind the match. Fails when the program ends
   * before.
   */
  async until(pattern: RegExp, from = 0): Promise<number> {
    for (;;) {
      const changed = this.#changed.promise;
      const match = pattern.exec(this.#output.slice(from));
      if (match) return from + match.index + match[0].length;
      if (this.#hasExited) throw new Error(`ended before ${pattern}; the screen:\n${this.#output.slice(-2000)}`);
      await changed;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#hasExited) this.#pty.kill('SIGKILL');
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}
