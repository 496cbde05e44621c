// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { socketNames } from '#contract/protocol.ts';
import { asRoot, obtainRoot } from './as-root.ts';
import { fail, heading, seconds } from './heading.ts';
import { helperBundle, helperNodeOptions, root, seedImages } from './paths.ts';

const startLimitMs = 30_000;

export interface HelperOptions {
  readonly runDirectory: string;
  readonly stateDirectory: string;
  readonly group: string;
  readonly privateNetwork: boolean;
}

export interface RunningHelper {
  /** False for one that was there already. */
  readonly isOwn: boolean;
  /** Resolves when one of our own has ended, by whomever. */
  readonly ended: Promise<unknown>;
  /** Ends the helper; its machines go on. */
  stop(): Promise<void>;
  /** Prints the log's last lines. */
  showLog(): void;
}

/** Starts a helper and waits until it takes connections; one that already does so is used and left alone. */
export async function startHelper(options: HelperOptions): Promise<RunningHelper> {
  const socket = path.join(options.runDirectory, socketNames.rpc);
  if (await accepts(socket)) {
    heading(`Helper: one is already there (${socket})`);
    return {
      isOwn: false,
      ended: new Promise(() => undefined),
      stop: async () => {
        /* not ours */
      },
      showLog: () => {
        /* not ours */
      },
    };
  }
  await obtainRoot('to run the helper');
  const log = path.join(root, '.cache/helper.log');
  fs.mkdirSync(path.dirname(log), { recursive: true });
  const output = fs.openSync(log, 'w');
  const startMs = performance.now();
  const [program = '', ...args] = asRoot(supervised(options));
  const child = spawn(program, args, { cwd: root, stdio: ['pipe', output, output] });
  fs.closeSync(output);
  const exited = once(child, 'exit').catch(() => undefined);
  const showLog = (): void => {
    process.stderr.write(`\nthe end of ${log}:\n${lastLines(log, 40)}\n`);
  };
  const isUp = await Promise.race([exited.then(() => false), waitUntilAccepts(socket)]);
  if (!isUp) {
    child.stdin?.end();
    showLog();
    fail('the helper did not start.', 'Its log is above.');
  }
  const place = options.privateNetwork ? 'in a network of its own' : "on this machine's network";
  heading(`Helper: started in ${seconds(startMs)} ${place}; log in ${path.relative(root, log)}`);
  return {
    isOwn: true,
    ended: exited,
    stop: async () => {
      child.stdin?.end();
      await exited;
      heading('Helper: stopped');
    },
    showLog,
  };
}

function supervised(options: HelperOptions): readonly string[] {
  const helper = [
    process.execPath,
    ...helperNodeOptions,
    helperBundle,
    '--state-dir',
    options.stateDirectory,
    '--run-dir',
    options.runDirectory,
    '--group',
    options.group,
    '--seed-images',
    seedImages,
  ];
  const network = options.privateNetwork ? ['--private-network-of', options.runDirectory] : [];
  return [process.execPath, path.join(root, 'scripts/supervise-helper.ts'), ...network, '--', ...helper];
}

async function waitUntilAccepts(socket: string): Promise<boolean> {
  const endMs = performance.now() + startLimitMs;
  while (performance.now() < endMs) {
    if (await accepts(socket)) return true;
    // the directory may not exist yet, so there is nothing to watch for an event
    await delay(50);
  }
  return false;
}

async function accepts(socket: string): Promise<boolean> {
  const connection = net.connect(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    // absent, or left by a helper that is gone: both mean that nobody listens
    return false;
  } finally {
    connection.destroy();
  }
}

function lastLines(file: string, count: number): string {
  return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
