// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MountRecord } from '../store/instance-record.ts';
import { forbiddenLines } from './targets.ts';

/** The commands that the guest runs for a mount, as words; each becomes root there. */
export class GuestScripts {
  readonly #directory: string;

  constructor(assetsDirectory: string) {
    this.#directory = path.join(assetsDirectory, 'shares');
  }

  /** sshfs speaks at the machine's port of that name; without one on the command's standard streams. */
  async mountSshfs(mount: MountRecord, user: string, port?: string): Promise<readonly string[]> {
    const pairs = (maps: MountRecord['uidMaps'], own: number): string =>
      (maps.length === 0 ? [`${own}:@`] : maps.map(({ host, guest }) => `${host}:${guest}`)).join('\n');
    return await this.#asRoot(
      ['mount-target', 'mount-sshfs'],
      [
        ...common(mount, user),
        pairs(mount.uidMaps, mount.owner.uid),
        pairs(mount.gidMaps, mount.owner.gid),
        port ?? '-',
      ],
    );
  }

  /** Ends with 0 where the mount's sshfs lives, else with 1. */
  async aliveSshfs(mount: MountRecord): Promise<readonly string[]> {
    return await this.#asRoot(['alive-sshfs'], [mount.id]);
  }

  /**
   * Says whether the guest's kernel has a file system, which user and group of the guest the folder's are, and whether
   * the mount is there already.
   */
  async look(mount: MountRecord, user: string, fileSystem: 'virtiofs' | '9p'): Promise<readonly string[]> {
    return await this.#asRoot(['look'], [mount.id, user, fileSystem]);
  }

  async mountVirtiofs(mount: MountRecord, user: string, tag: string): Promise<readonly string[]> {
    return await this.#asRoot(['mount-target', 'mount-virtiofs'], [...common(mount, user), tag]);
  }

  /** `attempt` is letters and digits; mount-9p needs a hold-9p of the same attempt that holds already. */
  async mountNineP(mount: MountRecord, user: string, attempt: string): Promise<readonly string[]> {
    return await this.#asRoot(['mount-target', 'mount-9p'], [...common(mount, user), attempt]);
  }

  async holdNineP(mount: MountRecord, attempt: string): Promise<readonly string[]> {
    return await this.#asRoot(['hold-9p'], [mount.id, mount.target, attempt]);
  }

  /** Takes the paths on its stdin. */
  async notify(mount: MountRecord, mode: string): Promise<readonly string[]> {
    return await this.#asRoot(['notify'], [mount.target, mode]);
  }

  /**
   * `isTargetMade`: the target was made for this mount, which may not be in its record yet. `isDead`: its server is
   * gone, so nothing may wait for it.
   */
  async unmount(
    mount: MountRecord,
    { isTargetMade = false, isDead = false }: { readonly isTargetMade?: boolean; readonly isDead?: boolean } = {},
  ): Promise<readonly string[]> {
    const isTargetOurs = mount.isTargetOurs === true || isTargetMade;
    return await this.#asRoot(
      ['umount'],
      [mount.id, mount.target, isTargetOurs ? 'yes' : 'no', isDead ? 'dead' : 'alive'],
    );
  }

  /** Scripts one after the other are one script. */
  async #asRoot(scripts: readonly string[], words: readonly string[]): Promise<readonly string[]> {
    const texts = await Promise.all(
      scripts.map((script) => readFile(path.join(this.#directory, `${script}.sh`), 'utf8')),
    );
    return ['sudo', '-n', 'sh', '-c', texts.join('\n'), `berth-${scripts.at(-1) ?? ''}`, ...words];
  }
}

function common(mount: MountRecord, user: string): string[] {
  return [mount.id, mount.target, user, mount.isReadOnly ? 'ro' : 'rw', forbiddenLines];
}
