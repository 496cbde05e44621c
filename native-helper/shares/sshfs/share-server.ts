// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { AppArmor } from '../../confinement/apparmor.ts';
import { shareServerProfile } from '../../confinement/profiles/share-server.ts';
import { locateProgram } from '../../process/programs.ts';
import type { MountRecord } from '../../store/instance-record.ts';
import { startLimitMs } from '../jail.ts';
import {
  startPipedServer,
  type PipedServer,
  type PipedServerChoice,
  type PipedServersOptions,
} from '../piped-server.ts';
import { SftpGuard } from './sftp-guard.ts';

/** OpenSSH's sftp-server for one folder each, in its jail and behind its guard, speaking SFTP on its streams. */
export class ShareServers {
  readonly #options: PipedServersOptions;

  constructor(options: PipedServersOptions) {
    this.#options = options;
  }

  /** @throws HelperError mount.source-denied, mount.source-changed, mount.server-ended */
  async start(instance: InstanceName, mount: MountRecord, signal: AbortSignal): Promise<PipedServer> {
    return await startPipedServer(this.#options, await shareServerChoice(instance, mount), signal);
  }

  /** Takes away what servers left whose helper died: they end with it. Those of diod are named alike. */
  async sweep(): Promise<void> {
    const { runner, files } = this.#options;
    await new AppArmor(runner, files.profiles).sweep(
      (name) => /^multipass\.[^.]+\.share-server\.[0-9a-f]{8}$/.test(name),
      AbortSignal.timeout(startLimitMs),
    );
  }
}

export async function shareServerChoice(instance: InstanceName, mount: MountRecord): Promise<PipedServerChoice> {
  const [program, setpriv] = await Promise.all([locateProgram('sftp-server'), locateProgram('setpriv')]);
  return {
    profile: shareServerProfile({
      instance,
      id: mount.id,
      isReadOnly: mount.isReadOnly,
      program,
      setpriv,
      folder: '/share',
    }),
    // -e: what it has to say comes on stderr. -u 0: the guest has applied its umask already.
    jail: { mount, program, args: ['-e', '-u', '0', '-d', '/share', ...(mount.isReadOnly ? ['-R'] : [])] },
    guard: new SftpGuard(),
  };
}
