// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';

export interface ImagesSlice {
  readonly catalogue: readonly CatalogueEntry[];
  readonly vault: readonly VaultImage[];
}

export const initialImages: ImagesSlice = { catalogue: [], vault: [] };

export function reduceImages(_slice: ImagesSlice, message: LinkMessage): Partial<ImagesSlice> {
  if (message.kind === 'snapshot') return { catalogue: message.snapshot.catalogue, vault: message.snapshot.vault };
  if (message.kind !== 'event' || message.event.body.topic !== 'images.changed') return {};
  return { catalogue: message.event.body.catalogue, vault: message.event.body.vault };
}
