// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import type { BuildContext } from './build-step.ts';

/** The directories one build works in, all below one that is removed afterwards. */
export interface BuildPlaces {
  /** The guest's root file system. */
  readonly root: string;
  /** Packages unpacked, where the root is picked from them. */
  readonly packages: string;
  readonly work: string;
  /** Where kernel and initrd go that are kept beside the disk. */
  readonly out: string;
}

/** How one image of the catalogue is made. */
export interface Recipe {
  readonly entry: Omit<CatalogueEntry, 'fingerprint'>;
  readonly label: string;
  /** The virtual size of the disk as built; instances grow it. */
  readonly diskBytes: number;
  /** Present where the image is booted by the kernel beside its disk. */
  readonly commandLine?: string;
  /** Fills `places.root`, and kernel and initrd in `places.out` where there is a command line. */
  fill(context: BuildContext, places: BuildPlaces): Promise<void>;
}
