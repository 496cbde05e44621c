// SPDX-License-Identifier: MIT
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceName } from '#contract/names.ts';
import { AppArmor } from '../confinement/apparmor.ts';
import { shareServerProfile, shareServerProfileName } from '../confinement/profiles/share-server.ts';
import { HelperError } from '../core/errors.ts';
import type { ConversingProcess, ProcessRunner, ProcessSpec } from '../core/ports.ts';
import { locateProgram } from '../process/programs.ts';
import type { Files } from '../store/files.ts';
import type { MountRecord } from '../store/instance-record.ts';
import { sourceDenied } from './source.ts';

const startLimitMs = 15_000;
/** At the end of its input the server ends at once, unless its disk does not answer. */
const endGraceMs = 1000;
/** Exit codes of assets/launcher/share-launch.sh. */
const refusedCode = 91;
const changedCode = 92;
const readyLine = 'share-launch: ready';

interface ShareServersOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
}

/** OpenSSH's sftp-server for one folder, in its jail, speaking SFTP on its streams. */
export interface ShareServer {
  readonly stdin: ConversingProcess['stdin'];
  readonly stdout: ConversingProcess['stdout'];
  /** Resolves with how it ended, in words. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts share servers, each under a profile of its own. */
export class ShareServers {
  readonly #options: ShareServersOptions;
  readonly #appArmor: AppArmor;

  constructor(options: ShareServersOptions) {
    this.#options = options;
    this.#appArmor = new AppArmor(options.runner, options.files.profiles);
  }

  /** @throws HelperError mount.source-denied, mount.source-changed, mount.server-ended */
  async start(instance: InstanceName, mount: MountRecord, signal: AbortSignal): Promise<ShareServer> {
    const { files, runner } = this.#options;
    await mkdir(files.jail, { recursive: true, mode: 0o755 });
    const ready = Promise.withResolvers<void>();
    let output = '';
    const child = await runner.converse(await this.#launch(instance, mount, signal), (text) => {
      output = (output + text).slice(-4000);
      if (output.includes(readyLine)) ready.resolve();
    });
    child.stdin.on('error', () => undefined); // EPIPE: its end is told by `exited`
    const early = child.exited.then(({ exitCode }) => { throw failureOf(mount, exitCode, output); });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]);
    const late = Promise.withResolvers<never>();
    const abort = (): void => late.reject(new HelperError('mount.server-ended', { reason: 'it did not start in time; the folder may be on a disk or network that does not answer' }));
    limit.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([ready.promise, early, late.promise]);
    } catch (error) {
      await child.stop();
      await this.#withdraw(instance, mount.id);
      signal.throwIfAborted();
      throw error;
    } finally {
      limit.removeEventListener('abort', abort);
      early.catch(() => undefined); // from here on `ended` tells
    }
    const stopped = child.exited.then(async (exit) => {
      await this.#withdraw(instance, mount.id);
      return exit.signal === null ? `exit code ${exit.exitCode ?? '?'} ${lastLine(output)}`.trimEnd() : `signal ${exit.signal}`;
    });
    return { stdin: child.stdin, stdout: child.stdout, ended: stopped, stop: () => endServer(child, stopped) };
  }

  /** After the exit, never before: a process whose profile is removed goes on without one. */
  async #withdraw(instance: InstanceName, id: string): Promise<void> {
    await this.#appArmor.remove(shareServerProfileName(instance, id), AbortSignal.timeout(startLimitMs));
  }

  async #launch(instance: InstanceName, mount: MountRecord, signal: AbortSignal): Promise<ProcessSpec> {
    const { files, assetsDirectory } = this.#options;
    const [program, setpriv] = await Promise.all([locateProgram('sftp-server'), locateProgram('setpriv')]);
    const profile = await this.#appArmor.prepare(shareServerProfile({ instance, id: mount.id, isReadOnly: mount.isReadOnly, program, setpriv, folder: '/share' }), signal);
    return {
      program: 'unshare',
      confinement: 'by-launcher',
      args: [
        '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--net', '--ipc', '--uts', '--',
        '/bin/sh', path.join(assetsDirectory, 'launcher', 'share-launch.sh'),
        '--uid', String(mount.owner.uid), '--gid', String(mount.owner.gid), '--profile', profile ?? '-',
        '--jail', files.jail, '--source', mount.source, '--access', mount.isReadOnly ? 'ro' : 'rw',
        // -e: what it has to say comes on stderr. -u 0: the guest has applied its umask already.
        '--', program, '-e', '-u', '0', '-d', '/share', ...(mount.isReadOnly ? ['-R'] : []),
      ],
    };
  }
}

async function endServer(child: ConversingProcess, stopped: Promise<string>): Promise<void> {
  child.stdin.end();
  const isOver = await Promise.race([stopped.then(() => true), delay(endGraceMs, false)]);
  if (!isOver) await child.stop();
  await stopped;
}

function failureOf(mount: MountRecord, exitCode: number | null, output: string): HelperError {
  if (exitCode === refusedCode) return sourceDenied(mount.source, mount.owner, output);
  if (exitCode === changedCode) return new HelperError('mount.source-changed', { path: mount.source });
  return new HelperError('mount.server-ended', { reason: lastLine(output) || `exit code ${exitCode ?? '?'}` });
}

function lastLine(output: string): string {
  return output.split('\n').filter((line) => line.trim() !== '' && line !== readyLine && line !== 'Killed').at(-1) ?? '';
}
