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

  async mount(mount: MountRecord, user: string): Promise<readonly string[]> {
    const pairs = (maps: MountRecord['uidMaps'], own: number): string =>
      (maps.length === 0 ? [`${own}:@`] : maps.map(({ host, guest }) => `${host}:${guest}`)).join('\n');
    return await this.#asRoot('mount', [
      mount.id, mount.target, user, mount.isReadOnly ? 'ro' : 'rw', pairs(mount.uidMaps, mount.owner.uid), pairs(mount.gidMaps, mount.owner.gid), forbiddenLines,
    ]);
  }

  async unmount(mount: MountRecord): Promise<readonly string[]> {
    return await this.#asRoot('umount', [mount.id, mount.target, mount.isTargetOurs === true ? 'yes' : 'no']);
  }

  async #asRoot(script: string, words: readonly string[]): Promise<readonly string[]> {
    const text = await readFile(path.join(this.#directory, `${script}.sh`), 'utf8');
    return ['sudo', '-n', 'sh', '-c', text, `berth-${script}`, ...words];
  }
}
