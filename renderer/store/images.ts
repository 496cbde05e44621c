// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { CatalogueEntry, ImageRemote, VaultImage } from '#contract/images.ts';

export interface ImagesSlice {
  readonly catalogue: readonly CatalogueEntry[];
  readonly vault: readonly VaultImage[];
  readonly remotes: readonly ImageRemote[];
}

export const initialImages: ImagesSlice = { catalogue: [], vault: [], remotes: [] };

export function reduceImages(_slice: ImagesSlice, message: LinkMessage): Partial<ImagesSlice> {
  if (message.kind === 'snapshot') return { catalogue: message.snapshot.catalogue, vault: message.snapshot.vault, remotes: message.snapshot.remotes ?? [] };
  if (message.kind !== 'event' || message.event.body.topic !== 'images.changed') return {};
  return { catalogue: message.event.body.catalogue, vault: message.event.body.vault, remotes: message.event.body.remotes ?? [] };
}
