// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { helperBundle, helperNodeOptions, seedImages } from '../../scripts/lib/paths.ts';
import { endProgram } from './programs.ts';

/** A helper of the built product with directories of its own. */
export class BenchHelper implements AsyncDisposable {
  readonly directory: string;
  readonly connection: HelperConnection;
  /** From the start of its process until it served. */
  readonly startMs: number;
  readonly #process: ChildProcess;

  private constructor(directory: string, connection: HelperConnection, startMs: number, process: ChildProcess) {
    this.directory = directory;
    this.connection = connection;
    this.startMs = startMs;
    this.#process = process;
  }

  /** Starts it; `prepare` may fill the state directory first. */
  static async start(prepare?: (stateDirectory: string) => Promise<void>): Promise<BenchHelper> {
    const directory = await mkdtemp('/var/tmp/berth-bench-');
    await chmod(directory, 0o711); // QEMU and dnsmasq run as users of their own
    await prepare?.(path.join(directory, 'state'));
    const log = openSync(path.join(directory, 'helper.log'), 'w');
    const args = [
      ...helperNodeOptions,
      helperBundle,
      '--state-dir',
      path.join(directory, 'state'),
      '--run-dir',
      path.join(directory, 'run'),
      '--group',
      'root',
      '--seed-images',
      seedImages,
    ];
    const begunMs = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    try {
      const connection = await connectWhenUp(path.join(directory, 'run'), child);
      return new BenchHelper(directory, connection, performance.now() - begunMs, child);
    } catch (error) {
      await endProgram(child);
      throw new Error(`the helper did not start; see ${directory}/helper.log`, { cause: error });
    }
  }

  get runDirectory(): string {
    return path.join(this.directory, 'run');
  }
  get stateDirectory(): string {
    return path.join(this.directory, 'state');
  }
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Launches `tiny` and waits for the operation's end. Returns how long that took in milliseconds. */
  async launch(name: string, signal: AbortSignal): Promise<number> {
    const beganMs = performance.now();
    const { operationId } = await this.connection.request('instances.launch', { ...benchMachine, name });
    const ended = await this.connection.request('operations.wait', { id: operationId }, { signal });
    if (ended.state !== 'succeeded') throw new Error(`launch ${name} ${ended.state}: ${JSON.stringify(ended.error)}`);
    return performance.now() - beganMs;
  }

  async remove(name: string): Promise<void> {
    for (const step of ['stop', 'delete', 'purge'] as const) {
      const asked =
        step === 'stop'
          ? this.connection.request('instances.stop', { name, force: true })
          : this.connection.request(`instances.${step}`, { name });
      // A step that does not fit the state (stop of a stopped one) is skipped; a real leftover shows at the end.
      const accepted = await asked.catch(() => undefined);
      if (accepted) await this.connection.request('operations.wait', { id: accepted.operationId });
    }
  }

  /** Resident memory of the helper's process (VmRSS of proc_pid_status(5)), in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of await this.connection.request('instances.list', {}).catch(() => [])) {
      if (instance.state !== 'stopped' && instance.state !== 'deleted') await this.remove(instance.name);
    }
    this.connection.close();
    await endProgram(this.#process);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The machine that every boot benchmark uses. */
export const benchMachine = {
  image: 'tiny',
  cpus: 1,
  memoryBytes: 512 * 1024 ** 2,
  isAllowedWithoutAppArmor: true,
} as const;

async function connectWhenUp(runDirectory: string, child: ChildProcess): Promise<HelperConnection> {
  const endMs = performance.now() + 30_000;
  for (;;) {
    try {
      return await connectHelper({ runDirectory, clientName: 'berth-bench' });
    } catch (error) {
      if (performance.now() > endMs || child.exitCode !== null) throw error;
      await delay(5);
    }
  }
}
