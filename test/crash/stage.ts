// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { Injector } from '../support/injector/injector.ts';
import { connectAs, forMembers, type Person } from '../support/people.ts';

const root = path.resolve(import.meta.dirname, '../..');
const bundle = path.join(root, 'dist/helper/main.mjs');
const startLimitMs = 30_000;
const run = promisify(execFile);

/** A helper that ended where it should serve. */
export class StartFault extends Error {}

/** The directories of one sweep, a kept state that each point begins with, and the helper of the moment. */
export class Stage implements AsyncDisposable {
  readonly directory: string;
  readonly injector: Injector;
  /** The helper that runs was found to have the state that was kept. */
  isUntouched = false;
  #child: ChildProcess | undefined;

  private constructor(directory: string, injector: Injector) {
    this.directory = directory;
    this.injector = injector;
  }

  static async open(): Promise<Stage> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'bcrash-'));
    await chmod(directory, 0o755);
    for (const name of ['live', 'kept', 'tools']) await mkdir(path.join(directory, name), { mode: 0o755 });
    return new Stage(directory, await Injector.build(path.join(directory, 'tools')));
  }

  get stateDirectory(): string {
    return path.join(this.directory, 'live/state');
  }
  get runDirectory(): string {
    return path.join(this.directory, 'live/run');
  }
  /** Files of users, some of which instances were given. */
  get home(): string {
    return path.join(this.directory, 'live/home');
  }
  get logFile(): string {
    return path.join(this.directory, 'helper.log');
  }

  /** Keeps the state as it is now, for {@link restore}; run files go. */
  async keep(): Promise<void> {
    await this.kill();
    await rm(path.join(this.directory, 'kept'), { recursive: true });
    await run('cp', ['-a', path.join(this.directory, 'live'), path.join(this.directory, 'kept')]);
    await rm(path.join(this.directory, 'kept/run'), { recursive: true, force: true });
  }

  /** Everything as it was kept. Images are shared with what was kept: their files are never changed. */
  async restore(): Promise<void> {
    await this.kill();
    const script =
      'rm -rf "$1/live" && mkdir -m 755 "$1/live" && cp -a "$1/kept/home" "$1/live/" && mkdir "$1/live/state" && cd "$1/kept/state" && for each in *; do case $each in images) cp -al images "$1/live/state/";; *) cp -a "$each" "$1/live/state/";; esac; done && chmod 711 "$1/live/state"; : > "$1/helper.log"';
    await run('sh', ['-ec', script, 'sh', this.directory]);
  }

  /**
   * Starts a helper on the state and waits until it serves, or, where a fault may strike at its start, until it has
   * ended.
   */
  async start({
    isStruck = false,
    args = [],
  }: { readonly isStruck?: boolean; readonly args?: readonly string[] } = {}): Promise<'serves' | 'ended'> {
    const words = [
      bundle,
      '--state-dir',
      this.stateDirectory,
      '--run-dir',
      this.runDirectory,
      '--config-dir',
      path.join(this.directory, 'config'),
      ...forMembers,
      '--accelerator',
      'tcg',
      '--log-level',
      'debug',
      '--validate-results',
      ...args,
    ];
    const env = { ...process.env, ...this.injector.env, NODE_COMPILE_CACHE: path.join(this.directory, 'tools/cache') };
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'], env });
    child.stderr.pipe(createWriteStream(this.logFile, { flags: 'a' }));
    this.#child = child;
    const until = performance.now() + startLimitMs;
    while (child.exitCode === null && child.signalCode === null) {
      try {
        (await this.connect()).close();
        return 'serves';
      } catch {
        if (performance.now() > until) throw new StartFault('the helper does not serve within 30 s');
        await delay(10); // the helper tells nobody that it serves
      }
    }
    if (isStruck) return 'ended';
    throw new StartFault(
      `the helper ended at its start (${child.exitCode ?? child.signalCode}): ${(await this.logTail()).slice(-1500)}`,
    );
  }

  async connect(person?: Person): Promise<HelperConnection> {
    return person
      ? await connectAs(person, this.runDirectory)
      : await connectHelper({ runDirectory: this.runDirectory, clientName: 'crash' });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** How the helper ended; undefined while it lives. */
  get end(): string | undefined {
    return this.#child?.signalCode ?? this.#child?.exitCode?.toString();
  }

  async ended(): Promise<void> {
    if (this.#child && this.end === undefined) await once(this.#child, 'exit');
  }

  async kill(): Promise<void> {
    if (this.end !== undefined) return;
    this.#child?.kill('SIGKILL');
    await this.ended();
  }

  async logTail(): Promise<string> {
    return (await readFile(this.logFile, 'utf8'))
      .split('\n')
      .filter((line) => !line.includes('"level":20'))
      .slice(-12)
      .join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.injector[Symbol.dispose]();
    if (!process.env.BERTH_KEEP_CRASH) await rm(this.directory, { recursive: true, force: true });
  }
}
