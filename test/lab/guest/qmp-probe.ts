// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const connectTries = 300;

/** QMP as somebody who took QEMU over would use it: any command, and QEMU's own words for answers. */
export class QmpProbe implements Disposable {
  readonly #commands: Writable;
  readonly #answers: AsyncIterator<string>;
  #nodes = 0;

  private constructor(commands: Writable, answers: Readable) {
    this.#commands = commands;
    this.#answers = createInterface({ input: answers })[Symbol.asyncIterator]();
  }

  /** Speaks to a QEMU whose QMP is a pair of streams. */
  static async over(commands: Writable, answers: Readable): Promise<QmpProbe> {
    const probe = new QmpProbe(commands, answers);
    await probe.run('qmp_capabilities');
    return probe;
  }

  static async connect(path: string): Promise<QmpProbe> {
    for (let tries = 1; ; tries += 1) {
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        return await QmpProbe.over(socket, socket);
      } catch (error) {
        if (tries === connectTries) throw error;
        await delay(100); // QEMU makes its socket a while after its start
      }
    }
  }

  /** `done`, or what QEMU says. */
  async run(execute: string, parameters: object = {}): Promise<string> {
    const { error } = await this.ask(execute, parameters);
    return error?.desc ?? 'done';
  }

  /** What QEMU returns, or its error. */
  async ask(
    execute: string,
    parameters: object = {},
  ): Promise<{ readonly return?: unknown; readonly error?: { readonly desc: string } }> {
    this.#commands.write(`${JSON.stringify({ execute, arguments: parameters })}\n`);
    for (;;) {
      const { value, done } = await this.#answers.next();
      if (done === true) return { error: { desc: 'connection closed' } };
      const answer = JSON.parse(value) as { return?: unknown; error?: { desc: string } };
      if (answer.error || answer.return !== undefined) return answer;
    }
  }

  /** `opened`, or what QEMU says. */
  async openFile(filename: string, isReadOnly: boolean, name = `probe${(this.#nodes += 1)}`): Promise<string> {
    const driver = filename.startsWith('/dev/') ? 'host_device' : 'file';
    const answer = await this.run('blockdev-add', { driver, 'node-name': name, filename, 'read-only': isReadOnly });
    return answer === 'done' ? 'opened' : answer;
  }

  [Symbol.dispose](): void {
    this.#commands.destroy();
  }
}
