// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { ninePServerProfile } from '../../confinement/profiles/nine-p-server.ts';
import type { Credentials } from '../../core/seams/processes.ts';
import { locateProgram } from '../../process/programs.ts';
import type { MountRecord } from '../../store/instance-record.ts';
import {
  startPipedServer,
  type PipedServer,
  type PipedServerChoice,
  type PipedServersOptions,
} from '../piped-server.ts';
import { NinePGuard } from './guard.ts';

/** The server's user in the jail's passwd(5), of assets/launcher/share-launch.sh. */
const user = 'user';
const folder = '/share';
/** As many requests are worked on at once; a guest's reads of one file come one after the other. */
const threads = 8;

interface ServedFolder {
  readonly mount: MountRecord;
  /** The guest's user whose files are those of the folder's. */
  readonly insideAs: Credentials;
}

/** diod for one folder each, in its jail and behind its guard, speaking 9P2000.L on its streams. */
export class NinePServers {
  readonly #options: PipedServersOptions;

  constructor(options: PipedServersOptions) {
    this.#options = options;
  }

  /** @throws HelperError mount.source-denied, mount.source-changed, mount.server-ended */
  async start(instance: InstanceName, served: ServedFolder, signal: AbortSignal): Promise<PipedServer> {
    return await startPipedServer(this.#options, await ninePServerChoice(instance, served), signal);
  }
}

export async function ninePServerChoice(
  instance: InstanceName,
  { mount, insideAs }: ServedFolder,
): Promise<PipedServerChoice> {
  const [program, setpriv, unshare] = await Promise.all([
    locateProgram('diod'),
    locateProgram('setpriv'),
    locateProgram('unshare'),
  ]);
  return {
    profile: ninePServerProfile({
      instance,
      id: mount.id,
      isReadOnly: mount.isReadOnly,
      program,
      setpriv,
      unshare,
      folder,
    }),
    // Whoever attaches is its own user (-S); nobody proves who they are (-n): there is one guest at the other end, and
    // one user.
    jail: {
      mount,
      insideAs,
      isPowerless: true,
      program,
      args: ['-f', '-n', '-S', '-L', 'stderr', '-t', String(threads), '-e', folder, '-r', '0', '-w', '1'],
    },
    guard: new NinePGuard({ folder, user }),
  };
}
