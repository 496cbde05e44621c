// SPDX-License-Identifier: MIT

/** A word for an image, as the contract takes it: a digest, or the beginning of one, may be in capitals. */
export function imageWord(word: string): string {
  return /^[0-9a-f]{8,64}$/i.test(word) ? word.toLowerCase() : word;
}
