// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { ImageLists } from '#contract/events.ts';
import type { CatalogueEntry, ImageRemote, VaultImage } from '#contract/images.ts';

export interface ImagesSlice {
  readonly catalogue: readonly CatalogueEntry[];
  readonly vault: readonly VaultImage[];
  readonly remotes: readonly ImageRemote[];
}

export const initialImages: ImagesSlice = { catalogue: [], vault: [], remotes: [] };

export function reduceImages(_slice: ImagesSlice, message: LinkMessage): Partial<ImagesSlice> {
  if (message.kind === 'snapshot') return slice(message.snapshot);
  return message.kind === 'images' ? slice(message.images) : {};
}

function slice({ catalogue, vault, remotes = [] }: ImageLists): ImagesSlice {
  return { catalogue, vault, remotes };
}
