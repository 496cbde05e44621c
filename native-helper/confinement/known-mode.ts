// SPDX-License-Identifier: MIT
import { accessMode, type AccessMode, type ToldGrant } from '#contract/security.ts';

/** Undefined for a mode that a later version brought: it opens nothing here. */
export function knownMode({ mode }: Pick<ToldGrant, 'mode'>): AccessMode | undefined {
  return accessMode.options.find((each) => each === mode);
}
