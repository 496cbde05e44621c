// SPDX-License-Identifier: MIT

/** A phrase as a sentence or a title begins, with its first letter a capital. */
export function capitalised(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}`;
}
