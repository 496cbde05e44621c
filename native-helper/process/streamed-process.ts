// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessExit, StreamedProcess } from '../core/seams/processes.ts';
import type { BlockReader } from './block-reader.ts';
import { LineTail } from './line-tail.ts';
import { drainMs, stopGroup } from './managed-process.ts';

/**
 * A child whose output is read at the reader's pace: what it wrote before its end is still there
 * after it, however slow the reader.
 */
export class StreamedChild implements StreamedProcess {
  readonly blocks: BlockReader;
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #errors = new LineTail(20);

  constructor(child: ChildProcess, blocks: BlockReader) {
    this.#child = child;
    this.blocks = blocks;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#errors.push(text));
    this.exited = this.#end();
  }

  recentErrors(): readonly string[] {
    return this.#errors.lines();
  }

  async stop(): Promise<void> {
    await stopGroup(this.#child, this.exited);
    this.blocks.destroy();
  }

  async #end(): Promise<ProcessExit> {
    const errorsEnded =
      this.#child.stderr === null ? Promise.resolve() : once(this.#child.stderr, 'close').then(() => undefined);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    await Promise.race([errorsEnded, delay(drainMs, undefined, { ref: false })]);
    this.#child.stderr?.destroy();
    return { exitCode: this.#child.exitCode, signal: this.#child.signalCode };
  }
}
