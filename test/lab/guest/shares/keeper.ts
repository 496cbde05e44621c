// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import type { Credentials } from '../../../../native-helper/core/seams/processes.ts';
import type { MountRecord } from '../../../../native-helper/store/instance-record.ts';
import { enterProfile } from '../helper-profile.ts';

interface Served {
  readonly instance: string;
  readonly mount: MountRecord;
}

/** What keeper-main.ts can be told. */
export interface Orders {
  /** `socket` is joined to the server's streams. */
  'serve-sftp': (params: Served) => Promise<{ readonly socket: string }>;
  'serve-9p': (params: Served & { readonly insideAs: Credentials }) => Promise<object>;
  'start-machine': (params: { readonly spec: MachineSpec }) => Promise<{ readonly pid: number }>;
  /** Plugs it into the machine that was started before. */
  'serve-virtiofs': (params: Served & { readonly insideAs: Credentials }) => Promise<{ readonly tag: string }>;
  /** Opens a port of that machine and takes it out again; answers with what the guest would find it by. */
  'open-port': (params: { readonly id: string }) => Promise<{ readonly name: string }>;
  /** Answers when the server ended and everything of it was taken away. */
  'await-end': (params: { readonly id: string }) => Promise<{ readonly reason: string }>;
  stop: (params: { readonly id: string }) => Promise<object>;
  'end-machine': (params: object) => Promise<object>;
}

/** The product's code that serves folders, running in the helper's own profile. */
export class Keeper implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<never>>();
  #lastId = 0;
  #errors = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.once('exit', () =>
      this.#waiting.forEach(({ reject }) => {
        reject(new Error(`the keeper ended: ${this.#errors}`));
      }),
    );
  }

  /** `root` holds `state` and `run`; the helper's profile is loaded. */
  static async start(root: string): Promise<Keeper> {
    const main = await realpath(path.join(import.meta.dirname, 'keeper-main.ts'));
    return new Keeper(
      spawn(enterProfile[0], [...enterProfile.slice(1), await realpath(process.execPath), main, root], {
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    );
  }

  async tell<Order extends keyof Orders>(
    order: Order,
    params: Parameters<Orders[Order]>[0],
  ): Promise<Awaited<ReturnType<Orders[Order]>>> {
    const id = (this.#lastId += 1);
    const answer = Promise.withResolvers<never>();
    this.#waiting.set(id, answer);
    this.#child.stdin?.write(`${JSON.stringify({ id, order, params })}\n`);
    return await answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin?.end();
    await once(this.#child, 'exit');
  }

  #take(line: string): void {
    const { id, result, error } = JSON.parse(line) as {
      readonly id: number;
      readonly result: never;
      readonly error?: string;
    };
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }
}
