// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MacAddress } from '#contract/names.ts';
import { Counts } from '../core/counts.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { openRegular } from '../posix/open-regular.ts';
import { removeTree } from '../posix/remove-tree.ts';
import type { DocumentReport } from './check/check-document.ts';
import type { GuestIdentity } from './guest-identity.ts';
import { networkConfig } from './network-config.ts';
import { seedDocuments, type CheckedDocument } from './seed-documents.ts';
import { readDocument, type UserDocument } from './user-document.ts';

export interface SeedRequest {
  readonly identity: GuestIdentity;
  /** cloud-init runs its per-instance parts once for each value. */
  readonly instanceId: string;
  readonly mac: MacAddress;
  readonly userDocument?: CheckedDocument | undefined;
}

/** Writes the NoCloud seed: an ISO 9660 image with the label cidata, read by cloud-init at boot. */
export class SeedWriter {
  readonly #runner: ProcessRunner;
  readonly #workDirectory: string;
  /** By user. */
  readonly #checks = new Counts<number>();

  constructor(runner: ProcessRunner, workDirectory: string) {
    this.#runner = runner;
    this.#workDirectory = workDirectory;
  }

  /**
   * Has a document read, before anything else is made.
   * @throws HelperError cloudinit.invalid for one that no guest could do anything with
   */
  async check(document: UserDocument, signal: AbortSignal): Promise<DocumentReport> {
    const done = this.#checks.take(document.uid);
    try {
      return await readDocument(this.#runner, document, signal);
    } finally {
      done();
    }
  }

  /** How many documents of a user's wait to be checked. */
  checksOf(uid: number): number {
    return this.#checks.of(uid);
  }

  /** Puts the seed at `file`, readable by `owner` alone: it holds the guest's private host key. */
  async write(request: SeedRequest, file: string, owner: Credentials, signal: AbortSignal): Promise<void> {
    const { metaData, userData, vendorData } = seedDocuments(
      request.identity,
      request.instanceId,
      request.userDocument,
    );
    await makeDirectory(this.#workDirectory, 0o700);
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
      // before it has its name: below it anybody passes, and it holds secrets
      await using handle = await openRegular(image);
      await handle.chown(owner.uid, owner.gid);
      await handle.chmod(0o600);
      await rename(image, file);
    } finally {
      await removeTree(directory);
    }
  }
}
