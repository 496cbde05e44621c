// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImageImportParams, ImageImportUrlParams } from '#contract/images.ts';
import type { ImageAlias } from '#contract/names.ts';
import type { Policy } from '../../confinement/administrator/policy.ts';
import type { QuotaFile } from '../../confinement/administrator/quotas.ts';
import { KeyedLock } from '../../core/keyed-lock.ts';
import type { Actor, OperationContext } from '../../core/seams/operation.ts';
import { checkAlias, type SpokenFor } from '../vault/check-alias.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { KeyedSlots } from '../../core/keyed-slots.ts';
import { fetchUrlImage } from '../download/fetch-image.ts';
import type { FirstUse } from '../download/first-use.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import { importImage } from './import-image.ts';
import type { BringContext } from '../vault/staging-source.ts';
import { UserQuota } from '../vault/user-quota.ts';
import type { Vault } from '../vault/vault.ts';

interface UserImportsOptions {
  readonly vault: Vault;
  readonly quotas: QuotaFile;
  readonly downloads: DownloadServices;
  readonly firstUse: FirstUse;
  readonly policy: Policy;
  /** What the catalogue and the remotes have names for, now. */
  readonly catalogue: () => Omit<SpokenFor, 'rootsAliases'>;
}

/** At a time of root's; a member has one import at a time. */
const parallelUrls = 4;

/** Images that users bring themselves, each under a name of his own and within what one may have. */
export class UserImports {
  readonly #options: UserImportsOptions;
  readonly #quota: UserQuota;
  readonly #downloads: DownloadServices;
  /** One import of a user at a time, so that what is counted is what there is. */
  /** By user. */
  readonly #turns = new KeyedLock<number>();

  constructor(options: UserImportsOptions) {
    this.#options = options;
    this.#quota = new UserQuota(options.vault, options.quotas);
    this.#downloads = { ...options.downloads, slots: new KeyedSlots(parallelUrls) };
  }

  /** @throws HelperError image.alias-reserved, quota.exceeded, and as {@link importImage} */
  async import(params: ImageImportParams, ctx: OperationContext): Promise<ImageRecord> {
    const { runner, appArmor, newUser } = this.#options.downloads;
    return await this.#take(
      params.alias,
      ctx.actor,
      ctx,
      async (staged) => await importImage({ params, staged, runner, appArmor, newUser, ctx }),
    );
  }

  /** @throws HelperError image.alias-reserved, quota.exceeded, and as {@link fetchUrlImage} */
  async importUrl(params: ImageImportUrlParams, actor: Actor, context: BringContext): Promise<ImageRecord> {
    const { firstUse, policy } = this.#options;
    const services = {
      ...this.#downloads,
      ownerUid: actor.uid,
      ...(actor.uid !== 0 && { reach: await policy.read() }),
    };
    return await this.#take(
      params.alias,
      actor,
      context,
      async (staged) => await fetchUrlImage(params, actor.uid, firstUse, { staged, services, context }),
    );
  }

  async #take(
    alias: ImageAlias,
    actor: Actor,
    context: BringContext,
    make: (staged: string) => Promise<ImageRecord>,
  ): Promise<ImageRecord> {
    const { vault, quotas, catalogue } = this.#options;
    const check = (): void => checkAlias(alias, actor.uid, { ...catalogue(), rootsAliases: rootsAliases(vault) });
    check();
    const take = async (): Promise<ImageRecord> => {
      await quotas.refresh();
      this.#quota.requireAnother(actor);
      return await vault.take(async (staged) => {
        const record = await make(staged);
        this.#quota.requireBytes(actor, (await stat(path.join(staged, 'disk.qcow2'))).blocks * 512);
        check(); // the name may have been given meanwhile
        return record;
      });
    };
    return actor.uid === 0 ? await take() : await this.#turns.hold(actor.uid, take, context.signal);
  }
}

function rootsAliases(vault: Vault): readonly ImageAlias[] {
  return vault.all().flatMap(({ names = [] }) => names.filter(({ uid }) => uid === 0).map(({ alias }) => alias));
}
