// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';

/** Where `run` is, seen from the built command line and from its source. */
const places = ['../../run', '../run'];

/** Whether this program lies in a copy of the repository, in which `./run start` starts the helper. */
export function isCheckout(): boolean {
  return places.some((place) => existsSync(new URL(place, import.meta.url)));
}
