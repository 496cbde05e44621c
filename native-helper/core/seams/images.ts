// SPDX-License-Identifier: MIT
// The store of images.
import type { CatalogueEntry, ImageImportParams, ImageImportUrlParams, ImageRemote, ImageSettings, VaultImage } from '#contract/images.ts';
import type { Fingerprint } from '#contract/names.ts';
import type { OperationContext } from './operation.ts';
import type { Credentials } from './processes.ts';

/** A vault image with the paths a machine needs. The files are owned by root, mode 0444, and never change. */
export interface VaultRecord {
  readonly image: Omit<VaultImage, 'usedBy'>;
  readonly diskPath: string;
  /** Present where the image is booted by a kernel beside it. */
  readonly kernel?: { readonly kernelPath: string; readonly initrdPath: string; readonly commandLine: string } | undefined;
}

export interface OverlayRequest {
  readonly base: VaultRecord;
  readonly path: string;
  /** The overlay's virtual size. */
  readonly sizeBytes: number;
  /** The user its machine runs as. */
  readonly owner: Credentials;
}

export interface Images {
  catalogue(): readonly CatalogueEntry[];
  list(usedBy: (fingerprint: Fingerprint) => readonly string[]): readonly VaultImage[];
  /** By fingerprint, by a unique prefix of it of 12 digits or more, or by alias. Undefined when not in the vault. */
  find(reference: string): VaultRecord | undefined;
  /** The vault image for a reference, built or fetched first where the catalogue has it. Rejects with image.not-found. */
  ensure(reference: string, ctx: OperationContext): Promise<VaultRecord>;
  import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord>;
  importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord>;
  /** The newest image of a remote's entry, fetched where the vault has it not. */
  fetch(alias: string, ctx: OperationContext): Promise<VaultRecord>;
  remove(fingerprint: Fingerprint): Promise<void>;
  setPinned(fingerprint: Fingerprint, isPinned: boolean): Promise<void>;
  /** Rejects with image.damaged when a file is not what it was. */
  verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void>;
  /** Removes expired images that nobody uses; with `isEverything` all that nobody uses and that are not pinned. */
  prune(isUsed: (fingerprint: Fingerprint) => boolean, isEverything: boolean): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }>;
  remotes(): readonly ImageRemote[];
  /** Rejects only when every remote that was asked failed. */
  refresh(maxAgeSeconds: number, ctx: OperationContext): Promise<void>;
  settings(): ImageSettings;
  configure(settings: ImageSettings): Promise<void>;
  /** A qcow2 overlay on a vault image, mode 0600. */
  createOverlay(request: OverlayRequest, signal: AbortSignal): Promise<void>;
  onChange(listener: () => void): void;
}
