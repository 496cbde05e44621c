// SPDX-License-Identifier: MIT
import type { QuotaFile } from '../../confinement/administrator/quotas.ts';
import type { Viewer } from '../../core/seams/images.ts';
import type { ImageRecord } from './image-record.ts';
import { pinnedBy } from './pinning.ts';
import type { Vault } from './vault.ts';

/**
 * What a user may have in the vault by imports, and by images of the catalogue that he keeps from expiring. Others of
 * the catalogue's are nobody's own.
 */
export class UserQuota {
  readonly #vault: Vault;
  readonly #quotas: QuotaFile;

  constructor(vault: Vault, quotas: QuotaFile) {
    this.#vault = vault;
    this.#quotas = quotas;
  }

  /**
   * Refuses an image more than the user may have; each name counts, for each is told to everybody.
   * @throws HelperError quota.exceeded
   */
  requireAnother(user: Viewer): void {
    const names = this.#of(user).map((record) =>
      Math.max(1, record.names?.filter(({ uid }) => uid === user.uid).length ?? 0),
    );
    this.#quotas.require(
      'max_images',
      user.uid,
      names.reduce((sum, count) => sum + count, 1),
    );
    this.requireBytes(user, 0);
  }

  /** @throws HelperError quota.exceeded where the user had more with so many bytes besides */
  requireBytes(user: Viewer, more: number): void {
    const kept = this.#vault.all().filter((record) => record.origin !== 'imported' && pinnedBy(record) === user.uid);
    const bytes = [...this.#of(user), ...kept].reduce(
      (sum, { fingerprint }) => sum + this.#vault.diskUseBytes(fingerprint),
      more,
    );
    this.#quotas.require('max_image_bytes', user.uid, bytes);
  }

  #of({ uid }: Viewer): readonly ImageRecord[] {
    return this.#vault.all().filter(({ ownerUids }) => ownerUids?.includes(uid) ?? false);
  }
}
