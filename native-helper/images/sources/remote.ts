// SPDX-License-Identifier: MIT
import type { ImageRemote, LeftOutEntries, Verification } from '#contract/images.ts';
import type { RemoteName } from '#contract/names.ts';
import type { RemoteImage } from './remote-image.ts';

export interface RemoteList {
  readonly images: readonly RemoteImage[];
  readonly verification: Verification;
  /** What the list has besides and cannot be used. */
  readonly leftOut?: LeftOutEntries | undefined;
}

/** A named place images come from. */
export interface Remote {
  readonly name: RemoteName;
  readonly title: string;
  readonly kind: ImageRemote['kind'];
  /** Ends with a slash. */
  readonly url: string;
  readonly isBuiltIn: boolean;
  /** Fetches and checks the list. Rejects with a HelperError that names the remote. */
  list(signal: AbortSignal): Promise<RemoteList>;
}
