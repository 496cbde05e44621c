// SPDX-License-Identifier: MIT
import type { ImageLists } from '#contract/events.ts';
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { HelperCallError } from './helper-call-error.ts';
import type { HelperConnection } from './helper-connection.ts';
import { inOrder } from './in-order.ts';

const pageEntries = 500;

/** All instances, however many there are. */
export async function allInstances(connection: HelperConnection): Promise<InstanceSummary[]> {
  return await gather(async (after) => await connection.request('instances.list', { limit: pageEntries, ...(after && { after: after.name }) }), async () => await connection.request('instances.list', {}));
}

/** All images in the vault, however many there are. */
export async function allImages(connection: HelperConnection): Promise<VaultImage[]> {
  return await gather(async (after) => await connection.request('images.list', { limit: pageEntries, ...(after && { after: after.fingerprint }) }), async () => await connection.request('images.list', {}));
}

/** The whole catalogue, however long it is. */
export async function allOfCatalogue(connection: HelperConnection): Promise<CatalogueEntry[]> {
  return await gather(async (after) => await connection.request('images.catalogue', { limit: pageEntries, ...(after && { after: after.alias }) }), async () => await connection.request('images.catalogue', {}));
}

/** What a snapshot has of images, as it is now. */
export async function imageLists(connection: HelperConnection): Promise<ImageLists> {
  const [catalogue, vault, remotes] = await Promise.all([allOfCatalogue(connection), allImages(connection), connection.request('images.remotes', {})]);
  return { catalogue, vault, remotes };
}

/** Page after page until one is empty; `whole` for an older helper, which knows no pages. */
async function gather<Entry extends { place?: number | undefined }>(page: (after: Entry | undefined) => Promise<Entry[]>, whole: () => Promise<Entry[]>): Promise<Omit<Entry, 'place'>[]> {
  const all: Entry[] = [];
  try {
    for (let more = await page(undefined); more.length > 0; more = await page(all.at(-1))) all.push(...more);
    return inOrder(all);
  } catch (error) {
    if (error instanceof HelperCallError && error.code === 'request.invalid') return await whole();
    throw error;
  }
}
