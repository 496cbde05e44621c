// SPDX-License-Identifier: MIT
import type { CatalogueEntry, VaultImage } from '#contract/images.ts';
import type { StepProgress } from '#contract/operations.ts';
import type { ImageRecord } from './image-record.ts';

export interface BringContext {
  readonly signal: AbortSignal;
  report(progress: StepProgress): void;
}

/** A place images come from, as the vault sees it. Built images are the only ones so far; remotes join here. */
export interface StagingSource {
  readonly origin: VaultImage['origin'];
  /** What can be had here, without having it yet. */
  list(signal: AbortSignal): Promise<readonly CatalogueEntry[]>;
  /** Puts all files of the image into `staged`, a directory of the vault that is no image yet. */
  bring(alias: string, staged: string, context: BringContext): Promise<ImageRecord>;
}
