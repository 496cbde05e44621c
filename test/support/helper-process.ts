// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, watch } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { connectHelper } from '../../client/connect-helper.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { helperBundle, seedImages as readyImages } from '../../scripts/lib/paths.ts';

/** On a busy computer the second that it takes is many. */
const startLimitMs = 90_000;
const stopLimitMs = 40_000;

export interface HelperProcess {
  readonly runDirectory: string;
  readonly stateDirectory: string;
  /** Where the administrator's files would be; not there until a test makes it. */
  readonly configDirectory: string;
  readonly logFile: string;
  readonly pid: number;
  /** A connection of its own; closed with the helper. */
  connect(): Promise<HelperConnection>;
  /** As a crash would. Machines go on. */
  kill9(): Promise<void>;
  /** SIGTERM, as the service manager would. Machines go on. */
  terminate(): Promise<void>;
  /** Starts a helper again on the same state, after kill9 or terminate; with `bundle` another one from here on. */
  restart(bundle?: string): Promise<void>;
  /** Purges every instance, ends the helper, removes its directories. */
  stop(): Promise<void>;
}

interface HelperOptions {
  /** More arguments for the helper's command line. */
  readonly args?: readonly string[];
  /** Ready images for the vault; none with `false`. */
  readonly seedImages?: string | false;
  /** Another helper's bundle; the built one where absent. */
  readonly bundle?: string;
  /** A command that becomes the helper, such as one that makes a network for it. */
  readonly within?: readonly string[];
  /**
   * Puts something into the state's directory before the first start, such as a disk of its own; what it returns takes
   * that away after the end.
   */
  readonly prepare?: (stateDirectory: string) => Promise<() => Promise<unknown>>;
}

/**
 * Starts the built helper on directories of its own, in the network namespace of the caller (the test
 * command's private one). `stop` leaves nothing behind.
 */
export async function startHelper(options: HelperOptions = {}): Promise<HelperProcess> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-test-'));
  await chmod(directory, 0o755); // dnsmasq and machines run as other users and pass through it
  const runDirectory = path.join(directory, 'run');
  const stateDirectory = path.join(directory, 'state');
  const logFile = path.join(directory, 'helper.log');
  const seedImages = options.seedImages ?? readyImages;
  const args = [
    options.bundle ?? helperBundle,
    '--state-dir',
    stateDirectory,
    '--run-dir',
    runDirectory,
    '--config-dir',
    path.join(directory, 'config'),
    '--group',
    'root',
    '--accelerator',
    'tcg',
    '--log-level',
    'debug',
    '--validate-results',
    ...(seedImages === false ? [] : ['--seed-images', seedImages]),
    ...(options.args ?? []),
  ];
  const undo = await options.prepare?.(stateDirectory);
  let child = await launch();
  return {
    runDirectory,
    stateDirectory,
    logFile,
    configDirectory: path.join(directory, 'config'),
    get pid() {
      return child.pid ?? 0;
    },
    connect: async () => await connectHelper({ runDirectory, clientName: 'test' }),
    kill9: async () => await end('SIGKILL'),
    terminate: async () => await end('SIGTERM'),
    restart: async (bundle) => {
      if (bundle !== undefined) args[0] = bundle;
      child = await launch();
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) child = await launch();
      await purgeAll(runDirectory);
      await end('SIGTERM');
      if (process.env.BERTH_KEEP_LOGS)
        await cp(logFile, path.join(process.env.BERTH_KEEP_LOGS, `${path.basename(directory)}.log`));
      await undo?.();
      await rm(directory, { recursive: true, force: true });
    },
  };

  async function launch(): Promise<ChildProcess> {
    const [program = '', ...words] = [...(options.within ?? []), process.execPath, ...args];
    const started = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    started.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }));
    const limit = AbortSignal.timeout(startLimitMs);
    const exited = once(started, 'exit', { signal: limit }).then(async () => {
      throw new Error(`the helper ended at its start:\n${await readFile(logFile, 'utf8')}`);
    });
    exited.catch(() => undefined); // only of interest until it serves
    await Promise.race([exited, served(limit)]).catch((error: unknown) => {
      started.kill('SIGKILL'); // nobody else knows of it
      throw error;
    });
    return started;
  }

  /** Resolves when a connection is taken; tried again when something appears in the run directory. */
  async function served(limit: AbortSignal): Promise<void> {
    for (;;) {
      limit.throwIfAborted();
      try {
        (await connectHelper({ runDirectory, clientName: 'test' })).close();
        return;
      } catch {
        await changeIn(directory, limit);
      }
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(stopLimitMs) });
    child.kill(signal);
    await exited;
  }
}

async function changeIn(directory: string, limit: AbortSignal): Promise<void> {
  const changed = new AbortController();
  const watcher = watch(directory, { recursive: true }, () => changed.abort());
  const timer = setTimeout(() => changed.abort(), 100); // a change before the watch began is not told
  try {
    await once(AbortSignal.any([limit, changed.signal]), 'abort');
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

async function purgeAll(runDirectory: string): Promise<void> {
  const client = await connectHelper({ runDirectory, clientName: 'test-cleanup' });
  try {
    for (const { name, state } of await client.request('instances.list', {})) {
      if (state === 'broken') continue;
      if (state !== 'deleted') {
        // stopped already
        const stopped = await client.request('instances.stop', { name, force: true }).catch(() => undefined);
        if (stopped) await client.request('operations.wait', { id: stopped.operationId });
        const removed = await client.request('instances.delete', { name });
        await client.request('operations.wait', { id: removed.operationId });
      }
      const left = await client.request('instances.list', {});
      // a launch that was cancelled takes its instance with it
      if (!left.some((instance) => instance.name === name)) continue;
      const purged = await client.request('instances.purge', { name });
      await client.request('operations.wait', { id: purged.operationId });
    }
  } finally {
    client.close();
  }
}
