// SPDX-License-Identifier: MIT
// The store of images.
import type {
  CatalogueEntry,
  ImageImportParams,
  ImageImportUrlParams,
  ImageRemote,
  ImageSettings,
  VaultImage,
} from '#contract/images.ts';
import type { Fingerprint, RemoteName } from '#contract/names.ts';
import type { HelperError } from '../errors.ts';
import type { Actor, OperationContext } from './operation.ts';
import type { Credentials } from './processes.ts';

/** A vault image with the paths a machine needs. The files are owned by root, mode 0444, and never change. */
export interface VaultRecord {
  readonly image: Omit<VaultImage, 'usedBy'>;
  readonly diskPath: string;
  /** The sha256 of the disk; undefined in the moment before it was taken. */
  readonly diskDigest: Fingerprint | undefined;
  /** Present where the image is booted by a kernel beside it. */
  readonly kernel?:
    | { readonly kernelPath: string; readonly initrdPath: string; readonly commandLine: string }
    | undefined;
}

export interface OverlayRequest {
  readonly base: VaultRecord;
  readonly path: string;
  /** The overlay's virtual size. */
  readonly sizeBytes: number;
  /** The user its machine runs as. */
  readonly owner: Credentials;
}

/** Who asks: an image's names are each user's own. */
export type Viewer = Pick<Actor, 'uid'>;

/** What an instance's disk stands on, as its record says. */
export interface OverlayBase {
  readonly fingerprint: Fingerprint;
  readonly diskDigest?: Fingerprint | undefined;
}

/** What a user sees of images. */
export interface ShownImages {
  readonly catalogue: readonly CatalogueEntry[];
  readonly vault: readonly VaultImage[];
  readonly remotes: readonly ImageRemote[];
}

/** An image that nobody removes until this is disposed of. */
export interface HeldImage extends Disposable {
  readonly record: VaultRecord;
}

/** What of the administrator's settings cannot be used. */
export interface UnusableSettings {
  /** image.settings-unusable: nothing of them, so nothing is fetched. */
  readonly fault: HelperError | undefined;
  /** How many remotes, and those of their names that can be told. */
  readonly remotes: { readonly count: number; readonly names: readonly RemoteName[] };
}

export interface Images {
  shown(usedBy: (fingerprint: Fingerprint) => readonly string[], viewer: Viewer): ShownImages;
  catalogue(viewer: Viewer): readonly CatalogueEntry[];
  list(usedBy: (fingerprint: Fingerprint) => readonly string[], viewer: Viewer): readonly VaultImage[];
  /**
   * What a user typed: a name of his own, root's or the catalogue's, `user/alias`, or a digest or 8 or more of its
   * first digits. Undefined when it is not in the vault.
   */
  find(reference: string, viewer: Viewer): VaultRecord | undefined;
  /** The image of that very fingerprint: what a record of ours says is never looked up as a name. */
  base(fingerprint: Fingerprint): VaultRecord | undefined;
  /**
   * Rejects with image.base-changed where the image is not what the instance's disk was made on. Fast: no disk is read.
   */
  requireBase(instance: string, base: OverlayBase): Promise<VaultRecord>;
  /**
   * The vault image for a reference, built or fetched first where the catalogue has it. Rejects with image.not-found.
   */
  ensure(reference: string, ctx: OperationContext): Promise<VaultRecord>;
  /**
   * Refuses a word that means no image, before a question is asked that would be for nothing. The remotes are asked as
   * {@link ensure} asks them. Digests are left to it. Rejects with image.not-found, image.remote-not-found.
   */
  requireKnown(reference: string, viewer: Viewer, signal: AbortSignal): Promise<void>;
  /** As {@link ensure}, for a launch: the image is held until the launch's record names it. */
  hold(reference: string, ctx: OperationContext): Promise<HeldImage>;
  import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord>;
  importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord>;
  /** The newest image of a remote's entry, fetched where the vault has it not. */
  fetch(alias: string, ctx: OperationContext): Promise<VaultRecord>;
  /**
   * Rejects with auth.denied for another user's import and for what others too had of the catalogue, with image.in-use.
   * What several users imported stays for the others.
   */
  remove(fingerprint: Fingerprint, actor: Viewer): Promise<void>;
  /** Rejects with auth.denied for all but root and the only user who asked for the image, and with quota.exceeded. */
  setPinned(fingerprint: Fingerprint, isPinned: boolean, actor: Viewer): Promise<void>;
  /** Rejects with image.damaged when a file is not what it was. */
  verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void>;
  /** Removes expired images that nobody uses; with `isEverything` all that nobody uses and that are not pinned. */
  prune(
    isUsed: (fingerprint: Fingerprint) => boolean,
    isEverything: boolean,
  ): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }>;
  remotes(): readonly ImageRemote[];
  /** Rejects only when every remote that was asked failed. */
  refresh(maxAgeSeconds: number, ctx: Pick<OperationContext, 'signal' | 'report'>): Promise<void>;
  /** With the most careful ones in the place of what cannot be used. */
  settings(): ImageSettings;
  unusableSettings(): UnusableSettings;
  configure(settings: ImageSettings): Promise<void>;
  /** A qcow2 overlay on a vault image, mode 0600. */
  createOverlay(request: OverlayRequest, signal: AbortSignal): Promise<void>;
  onChange(listener: () => void): void;
}
