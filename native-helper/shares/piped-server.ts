// SPDX-License-Identifier: MIT
import type { Duplex, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { sentence } from '#messages/say.ts';
import type { Reason } from '../core/said-error.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import type { ProfileText } from '../confinement/profile.ts';
import type { ConversingProcess, ProcessRunner } from '../core/seams/processes.ts';
import type { Files } from '../store/files.ts';
import { filteredCommand } from './filter/filtered-command.ts';
import {
  endInside,
  firstInside,
  isJailReady,
  jailCommand,
  exitReason,
  serverBegun,
  startLimitMs,
  type JailRequest,
} from './jail.ts';
import { inStartTurn } from './start-turn.ts';

/** At the end of its input the server ends at once, unless its disk does not answer. */
const endGraceMs = 1000;

export interface PipedServersOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
}

/** What is started, and what stands between it and the guest. */
export interface PipedServerChoice {
  readonly profile: ProfileText;
  readonly jail: Omit<JailRequest, 'profile'>;
  /**
   * `requests` goes to the server, `responses` to the guest. An error of either ends the share: nothing may pass that
   * the guard does not understand.
   */
  readonly guard: { readonly requests: Duplex; readonly responses: Duplex };
}

/**
 * The server of one folder, in its jail and behind its guard, that speaks on its standard streams. It ends with the
 * helper.
 */
export interface PipedServer {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<Reason>;
  stop(): Promise<void>;
}

/** @throws HelperError mount.source-denied, mount.source-changed, mount.server-ended */
export async function startPipedServer(
  options: PipedServersOptions,
  choice: PipedServerChoice,
  signal: AbortSignal,
): Promise<PipedServer> {
  return await inStartTurn(choice.jail.mount, signal, async () => await startInTurn(options, choice, signal));
}

async function startInTurn(
  options: PipedServersOptions,
  { profile, jail, guard }: PipedServerChoice,
  signal: AbortSignal,
): Promise<PipedServer> {
  const appArmor = new AppArmor(options.runner, options.files.profiles);
  // After the exit, never before: a process whose profile is removed goes on without one.
  const withdraw = async (): Promise<void> => await appArmor.remove(profile.name, AbortSignal.timeout(startLimitMs));
  const entered = await appArmor.prepare(profile, signal);
  const ready = Promise.withResolvers<void>();
  let output = '';
  const command = await filteredCommand('piped', await jailCommand({ ...jail, profile: entered }, options));
  const child = await options.runner.converse({ ...command, confinement: 'by-launcher' }, (text) => {
    output = (output + text).slice(-4000);
    if (isJailReady(output)) ready.resolve();
  });
  child.stdin.on('error', () => undefined); // EPIPE: its end is told by `exited`
  try {
    await serverBegun(ready.promise, child, { mount: jail.mount, output: () => output, signal });
  } catch (error) {
    await child.stop();
    await withdraw();
    throw error;
  }
  const inside = await firstInside(child.ref);
  const stopped = child.exited.then(async (exit) => {
    await endInside(inside);
    await withdraw();
    return exit.signal === null ? exitReason(exit.exitCode, output) : sentence('mount.signal', { signal: exit.signal });
  });
  const end = (): void => {
    child.stdin.destroy();
    void endServer(child, stopped);
  };
  guard.requests.once('error', end).pipe(child.stdin);
  child.stdout.once('error', end).pipe(guard.responses.once('error', end));
  return { stdin: guard.requests, stdout: guard.responses, ended: stopped, stop: () => endServer(child, stopped) };
}

async function endServer(child: ConversingProcess, stopped: Promise<Reason>): Promise<void> {
  child.stdin.end();
  const isOver = await Promise.race([stopped.then(() => true), delay(endGraceMs, false)]);
  if (!isOver) {
    child.signal('SIGKILL'); // it has nothing to put in order; one that waits in its jail hears nothing else
    await child.stop();
  }
  await stopped;
}
