// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectHelper } from '../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { enterProfile, repository } from './helper-profile.ts';

const waitTries = 300;
const waitGapMs = 200;
/** Where systemd puts a service without a slice of its own. */
const controlGroup = '/sys/fs/cgroup/system.slice/berth-helper.service';
/**
 * What systemd does between its fork and the exec of a service that concerns rights (systemd.exec(5)): control group,
 * bounding set, profile at exec.
 */
const asService = `set -e
echo $$ > ${controlGroup}/cgroup.procs
bounding=$1
shift
exec /usr/bin/setpriv --bounding-set="$bounding" -- "$@"`;

interface Options {
  readonly accelerator?: 'auto' | 'tcg';
  /** After the profile was loaded, before the helper enters it. */
  readonly prepareProfile?: () => Promise<void>;
}

/**
 * The helper as the service starts it: its profile loaded by itself, entered at exec, with the unit's bounding set, in
 * its control group.
 */
export class WholeHelper implements AsyncDisposable {
  readonly #place: string;
  readonly #options: Options;
  #child: ChildProcess | undefined;
  /** What loading the profile said. */
  loaded = '';
  /** All that it printed until now. */
  printed = '';

  private constructor(place: string, options: Options) {
    this.#place = place;
    this.#options = options;
  }

  /** `place` holds its directories. */
  static async start(place: string, options: Options = {}): Promise<WholeHelper> {
    const helper = new WholeHelper(place, options);
    await helper.startAgain();
    return helper;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** A new process of the same build, as after a crash or an update: the unit's two commands, one after the other. */
  async startAgain(): Promise<void> {
    const node = await realpath(process.execPath);
    const args = [
      await program(),
      ...this.#places(),
      '--group',
      'root',
      '--accelerator',
      this.#options.accelerator ?? 'auto',
    ];
    this.loaded = (await promisify(execFile)(node, [...args, '--load-profile'])).stdout;
    await this.#options.prepareProfile?.();
    await mkdir(controlGroup, { recursive: true });
    const words = [
      '-c',
      asService,
      'as-service',
      await boundingSet(),
      ...enterProfile,
      node,
      ...args,
      '--seed-images',
      await realpath(path.join(repository, '.cache/images')),
    ];
    const child = spawn('/bin/sh', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.printed += text;
      });
    this.#child = child;
  }

  async connect(): Promise<HelperConnection> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await connectHelper({ runDirectory: `${this.#place}/run`, clientName: 'lab' });
      } catch (error) {
        if (tries === waitTries || this.#hasEnded()) throw new Error(this.printed.slice(-1500), { cause: error });
        await delay(waitGapMs);
      }
    }
  }

  /** SIGKILL as a crash, SIGTERM as the service manager ends it; machines go on. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (!child || this.#hasEnded()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** `berth uninstall`, by root without the service: what it says. */
  async uninstall(): Promise<string> {
    const args = [await program(), '--uninstall', '--remove-data', '--force', ...this.#places()];
    return await promisify(execFile)(process.execPath, args).then(
      ({ stdout }) => stdout,
      (error: { stderr: string }) => error.stderr,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
  }

  #hasEnded(): boolean {
    return this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #places(): readonly string[] {
    return [
      '--state-dir',
      `${this.#place}/state`,
      '--run-dir',
      `${this.#place}/run`,
      '--config-dir',
      `${this.#place}/config`,
    ];
  }
}

/** As it is packaged: one file, whose loading takes a third of the time that the sources' takes. */
async function program(): Promise<string> {
  return await realpath(path.join(repository, 'dist/helper/main.mjs'));
}

/** The unit's CapabilityBoundingSet, for setpriv(1). */
async function boundingSet(): Promise<string> {
  const unit = await readFile(path.join(repository, 'assets/linux/berth-helper.service'), 'utf8');
  const names = /^CapabilityBoundingSet=(.+)$/m.exec(unit)?.[1]?.trim().split(/\s+/) ?? [];
  if (names.length === 0) throw new Error('the unit has no bounding set');
  return ['-all', ...names.map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`)].join(',');
}

/** Whether it came true within a minute. */
export async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; tries < waitTries; tries += 1) {
    if (await isTrue().catch(() => false)) return true; // not there yet
    await delay(waitGapMs);
  }
  return false;
}
