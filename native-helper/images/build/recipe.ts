// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import { imageAlias } from '#contract/names.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import type { BuildContext } from './build-step.ts';

/** The directories one build works in, all but the first below one that is removed afterwards. */
export interface BuildPlaces {
  /** What of the image lies in assets/guests: lists and files of the guest. */
  readonly assets: string;
  /** The guest's root file system. */
  readonly root: string;
  /** Packages unpacked, where the root is picked from them. */
  readonly packages: string;
  readonly work: string;
  /** Where kernel and initrd go that are kept beside the disk. */
  readonly out: string;
}

/** The packages a root file system is made of, and how they are unpacked. */
export interface PackageChoice {
  readonly into: 'root' | 'packages';
  readonly variant: 'extract' | 'minbase';
  readonly excluded: readonly string[];
  readonly included?: readonly string[];
  /** Below the recipe's assets; put into the root before any package is set up. */
  readonly copiedEarly?: readonly string[];
  /** The share of the whole build, from 0 to 1. */
  readonly share: number;
}

/** How one image of the catalogue is made. */
export interface Recipe {
  readonly entry: Omit<CatalogueEntry, 'fingerprint' | 'architecture' | 'origin'> &
    Pick<ImageRecord, 'architecture' | 'origin'>;
  readonly label: string;
  readonly packages: PackageChoice;
  /** The virtual size of the disk as built; instances grow it. */
  readonly diskBytes: number;
  /** Present where the image is booted by the kernel beside its disk. */
  readonly commandLine?: string;
  /**
   * Finishes `places.root` when the packages are there, and kernel and initrd in `places.out` where there is a command
   * line.
   */
  fill(places: BuildPlaces, context: BuildContext): Promise<void>;
}

/** The catalogue's entry of an image that is made here. */
export function builtEntry(
  entry: Omit<Recipe['entry'], 'alias' | 'architecture' | 'origin'> & { readonly alias: string },
): Recipe['entry'] {
  return { ...entry, alias: imageAlias.parse(entry.alias), architecture: 'x86_64', origin: 'built' };
}
