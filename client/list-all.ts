// SPDX-License-Identifier: MIT
import type { ImageLists } from '#contract/events.ts';
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { MethodResult } from '#contract/protocol.ts';
import type { HelperConnection } from './helper-connection.ts';
import { inOrder } from './in-order.ts';

const pageEntries = 500;

/** All instances, however many there are. */
export async function allInstances(connection: HelperConnection): Promise<InstanceSummary[]> {
  return await gather<'instances.list'>(
    connection,
    async (limit, after) =>
      await connection.request('instances.list', { ...limit, ...(after && { after: after.name }) }),
  );
}

/** All images in the vault, however many there are. */
export async function allImages(connection: HelperConnection): Promise<VaultImage[]> {
  return await gather<'images.list'>(
    connection,
    async (limit, after) =>
      await connection.request('images.list', { ...limit, ...(after && { after: after.fingerprint }) }),
  );
}

/** The whole catalogue, however long it is. */
export async function allOfCatalogue(connection: HelperConnection): Promise<CatalogueEntry[]> {
  return await gather<'images.catalogue'>(
    connection,
    async (limit, after) =>
      await connection.request('images.catalogue', { ...limit, ...(after && { after: after.alias }) }),
  );
}

/** What a snapshot has of images, as it is now. */
export async function imageLists(connection: HelperConnection): Promise<ImageLists> {
  const [catalogue, vault, remotes] = await Promise.all([
    allOfCatalogue(connection),
    allImages(connection),
    connection.request('images.remotes', {}),
  ]);
  return { catalogue, vault, remotes };
}

/** An entry of a list that comes in pages. */
type EntryOf<M extends 'instances.list' | 'images.list' | 'images.catalogue'> = MethodResult<M>[number];
type Page<Entry> = (limit: { readonly limit?: number }, after: Entry | undefined) => Promise<Entry[]>;

/** Page after page until one is empty; all at once from a helper that knows no pages. */
async function gather<M extends 'instances.list' | 'images.list' | 'images.catalogue'>(
  connection: HelperConnection,
  page: Page<EntryOf<M>>,
): Promise<Omit<EntryOf<M>, 'place'>[]> {
  if (!connection.has('pages')) return await page({}, undefined);
  const all: EntryOf<M>[] = [];
  const next = async (): Promise<EntryOf<M>[]> => await page({ limit: pageEntries }, all.at(-1));
  for (let more = await next(); more.length > 0; more = await next()) all.push(...more);
  return inOrder(all);
}
