// SPDX-License-Identifier: MIT
import { rowOf, wordOf } from '#contract/open-enum.ts';
import type { ConfinementLayer } from '#contract/security.ts';
import { securityStrings } from './strings.ts';

/** A layer's title, and what it does. */
export function layerWords(layer: ConfinementLayer['layer']): readonly [title: string, meaning: string] {
  return rowOf<keyof typeof securityStrings.layers.names, readonly [string, string]>(
    securityStrings.layers.names,
    layer,
    [wordOf(layer), ''],
  );
}
