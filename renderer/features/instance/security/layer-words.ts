// SPDX-License-Identifier: MIT
import { wordOf } from '#contract/open-enum.ts';
import type { ConfinementLayer } from '#contract/security.ts';
import { wordIn } from '../../../lib/later-words.ts';

/** A layer's title, and what it does. */
export function layerWords(layer: ConfinementLayer['layer']): readonly [title: string, meaning: string] {
  return [wordIn('security.layer', layer, wordOf(layer)), wordIn('security.layer-text', layer, '')];
}
