// SPDX-License-Identifier: MIT
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceName } from '#contract/names.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import { shareServerProfile, shareServerProfileName } from '../../confinement/profiles/share-server.ts';
import type { ConversingProcess, ProcessRunner, ProcessSpec } from '../../core/ports.ts';
import { locateProgram } from '../../process/programs.ts';
import type { Files } from '../../store/files.ts';
import type { MountRecord } from '../../store/instance-record.ts';
import { SftpGuard } from './sftp-guard.ts';
import { isJailReady, jailCommand, lastLine, serverBegun, startLimitMs } from '../jail.ts';

/** At the end of its input the server ends at once, unless its disk does not answer. */
const endGraceMs = 1000;

interface ShareServersOptions {
  readonly runner: ProcessRunner;
  readonly files: Files;
  readonly assetsDirectory: string;
}

/** OpenSSH's sftp-server for one folder, in its jail and behind its guard, speaking SFTP on its streams. */
export interface ShareServer {
  readonly stdin: Writable;
  readonly stdout: Readable;
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
    const { runner } = this.#options;
    const ready = Promise.withResolvers<void>();
    let output = '';
    const child = await runner.converse(await this.#launch(instance, mount, signal), (text) => {
      output = (output + text).slice(-4000);
      if (isJailReady(output)) ready.resolve();
    });
    child.stdin.on('error', () => undefined); // EPIPE: its end is told by `exited`
    try {
      await serverBegun(ready.promise, child, { mount, output: () => output, signal });
    } catch (error) {
      await child.stop();
      await this.#withdraw(instance, mount.id);
      throw error;
    }
    const stopped = child.exited.then(async (exit) => {
      await this.#withdraw(instance, mount.id);
      return exit.signal === null ? `exit code ${exit.exitCode ?? '?'} ${lastLine(output)}`.trimEnd() : `signal ${exit.signal}`;
    });
    const guard = new SftpGuard();
    // Whatever is no SFTP ends the share: nothing may pass that the guard does not understand.
    const end = (): void => { child.stdin.destroy(); };
    guard.requests.once('error', end).pipe(child.stdin);
    child.stdout.once('error', end).pipe(guard.responses.once('error', end));
    return { stdin: guard.requests, stdout: guard.responses, ended: stopped, stop: () => endServer(child, stopped) };
  }

  /** Takes away what servers left whose helper died: they end with it. */
  async sweep(): Promise<void> {
    await this.#appArmor.sweep((name) => /^multipass\.[^.]+\.share-server\.[0-9a-f]{8}$/.test(name), AbortSignal.timeout(startLimitMs));
  }

  /** After the exit, never before: a process whose profile is removed goes on without one. */
  async #withdraw(instance: InstanceName, id: string): Promise<void> {
    await this.#appArmor.remove(shareServerProfileName(instance, id), AbortSignal.timeout(startLimitMs));
  }

  async #launch(instance: InstanceName, mount: MountRecord, signal: AbortSignal): Promise<ProcessSpec> {
    const [program, setpriv] = await Promise.all([locateProgram('sftp-server'), locateProgram('setpriv')]);
    const profile = await this.#appArmor.prepare(shareServerProfile({ instance, id: mount.id, isReadOnly: mount.isReadOnly, program, setpriv, folder: '/share' }), signal);
    // -e: what it has to say comes on stderr. -u 0: the guest has applied its umask already.
    const args = ['-e', '-u', '0', '-d', '/share', ...(mount.isReadOnly ? ['-R'] : [])];
    return { ...(await jailCommand({ mount, profile, program, args }, this.#options)), confinement: 'by-launcher' };
  }
}

async function endServer(child: ConversingProcess, stopped: Promise<string>): Promise<void> {
  child.stdin.end();
  const isOver = await Promise.race([stopped.then(() => true), delay(endGraceMs, false)]);
  if (!isOver) await child.stop();
  await stopped;
}
