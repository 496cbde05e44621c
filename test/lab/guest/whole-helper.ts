// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectHelper } from '../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { enterProfile, repository } from './helper-profile.ts';

const waitTries = 300;
const waitGapMs = 200;

/** The helper as the service starts it: its profile loaded by itself, entered at exec. */
export class WholeHelper implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #runDirectory: string;
  /** What loading the profile said. */
  readonly loaded: string;
  /** All that it printed until now. */
  printed = '';

  private constructor(child: ChildProcess, runDirectory: string, loaded: string) {
    this.#child = child;
    this.#runDirectory = runDirectory;
    this.loaded = loaded;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { this.printed += text; });
  }

  /** `place` holds its directories. */
  static async start(place: string): Promise<WholeHelper> {
    const node = await realpath(process.execPath);
    const args = [await realpath(path.join(repository, 'native-helper/main.ts')), '--state-dir', `${place}/state`, '--run-dir', `${place}/run`, '--config-dir', `${place}/config`, '--group', 'root', '--accelerator', 'tcg'];
    const { stdout } = await promisify(execFile)(node, [...args, '--load-profile']);
    const [program, ...before] = enterProfile;
    const child = spawn(program, [...before, node, ...args, '--seed-images', await realpath(path.join(repository, '.cache/images'))], { stdio: ['ignore', 'pipe', 'pipe'] });
    return new WholeHelper(child, `${place}/run`, stdout);
  }

  async connect(): Promise<HelperConnection> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await connectHelper({ runDirectory: this.#runDirectory, clientName: 'lab' });
      } catch (error) {
        if (tries === waitTries) throw new Error(this.printed.slice(-1500), { cause: error });
        await delay(waitGapMs);
      }
    }
  }

  /** Ends it as the service manager does; machines go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}

/** Whether it came true within a minute. */
export async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; tries < waitTries; tries += 1) {
    if (await isTrue().catch(() => false)) return true; // not there yet
    await delay(waitGapMs);
  }
  return false;
}
