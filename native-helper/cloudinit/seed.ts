// SPDX-License-Identifier: MIT
import { chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import type { MacAddress } from '#contract/names.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import { networkConfig } from './network-config.ts';
import { seedDocuments, type GuestIdentity } from './user-data.ts';

export interface SeedRequest {
  readonly identity: GuestIdentity;
  /** cloud-init runs its per-instance parts once for each value. */
  readonly instanceId: string;
  readonly mac: MacAddress;
  readonly userData?: string | undefined;
}

/** Writes the NoCloud seed: an ISO 9660 image with the label cidata, read by cloud-init at boot. */
export class SeedWriter {
  readonly #runner: ProcessRunner;
  readonly #workDirectory: string;

  constructor(runner: ProcessRunner, workDirectory: string) {
    this.#runner = runner;
    this.#workDirectory = workDirectory;
  }

  /** Puts the seed at `file`, readable by `owner` alone: it holds the guest's private host key. */
  async write(request: SeedRequest, file: string, owner: Credentials, signal: AbortSignal): Promise<void> {
    const { userData, vendorData } = seedDocuments(request.identity, request.userData);
    const metaData = stringify({ 'instance-id': request.instanceId, 'local-hostname': request.identity.hostName });
    await mkdir(this.#workDirectory, { recursive: true, mode: 0o700 });
    const directory = await mkdtemp(path.join(this.#workDirectory, 'seed-'));
    try {
      const content = path.join(directory, 'content');
      await mkdir(content, { mode: 0o700 });
      await Promise.all([
        writeFile(path.join(content, 'meta-data'), metaData),
        writeFile(path.join(content, 'user-data'), userData),
        writeFile(path.join(content, 'vendor-data'), vendorData),
        writeFile(path.join(content, 'network-config'), networkConfig(request.mac)),
      ]);
      const image = path.join(directory, 'seed.iso');
      const args = ['-as', 'mkisofs', '-quiet', '-V', 'cidata', '-J', '-r', '-o', image, content];
      await this.#runner.run({ program: 'xorriso', args, confinement: 'none-needed' }, { signal, timeoutMs: 30_000 });
      await chown(image, owner.uid, owner.gid);
      await rename(image, file);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}
