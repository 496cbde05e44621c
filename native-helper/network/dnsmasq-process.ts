// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../core/errors.ts';
import type { ManagedProcess, ProcessRef } from '../core/seams/processes.ts';
import { isAlive, referTo } from '../process/proc-fs.ts';
import type { NetworkFiles } from './network-files.ts';
import { watchDeath } from './process-death.ts';

const termGraceMs = 5000;

/** A running dnsmasq, started by this helper or by an earlier one. */
export interface DnsmasqProcess {
  readonly ref: ProcessRef;
  /** Resolves when it is gone; never after {@link release}. */
  readonly ended: Promise<void>;
  signal(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
  /** Lets go without touching it. */
  release(): void;
}

export function asDnsmasqProcess(child: ManagedProcess): DnsmasqProcess {
  return {
    ref: child.ref,
    ended: child.exited.then(() => undefined),
    signal: async (signal) => child.signal(signal),
    stop: () => child.stop(),
    release: () => {},
  };
}

/**
 * The dnsmasq whose pid is in our pid file, when it was started with our configuration; undefined when there is none.
 */
export async function findDnsmasq(files: NetworkFiles): Promise<ProcessRef | undefined> {
  const text = await unlessAbsent(readFile(files.pid, 'utf8'));
  const pid = Number(text?.trim());
  if (text === undefined || !Number.isInteger(pid) || pid <= 1) return undefined;
  const ref = await referTo(pid);
  const args = (await unlessAbsent(readFile(`/proc/${pid}/cmdline`, 'utf8')))?.split('\0');
  return ref !== undefined && args?.includes(`--conf-file=${files.config}`) ? ref : undefined;
}

/** Takes over a dnsmasq that an earlier helper started. */
export async function adoptDnsmasq(ref: ProcessRef): Promise<DnsmasqProcess> {
  const death = await watchDeath(ref);
  const ended = death.ended.then((hasEnded) => (hasEnded ? undefined : new Promise<never>(() => {})));
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (await isAlive(ref)) sendSignal(ref.pid, name);
  };
  return {
    ref,
    ended,
    signal,
    release: () => death.cancel(),
    stop: async () => {
      await signal('SIGTERM');
      await Promise.race([ended, delay(termGraceMs, undefined, { ref: false })]);
      await signal('SIGKILL');
      await ended;
    },
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
      throw new Error(`kill ${pid}: ${messageOf(error)}`, { cause: error }); // ESRCH: gone meanwhile
  }
}

async function unlessAbsent(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
