// SPDX-License-Identifier: MIT

interface IdPair {
  readonly host: number;
  readonly guest: number;
}

/** Reads `HOST:GUEST` pairs with blanks between; undefined where the text is something else. */
export function parseOwners(text: string): readonly IdPair[] | undefined {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const pairs = words.map((word) => /^(\d{1,10}):(\d{1,10})$/.exec(word));
  return pairs.every((pair) => pair !== null)
    ? pairs.map((pair) => ({ host: Number(pair[1]), guest: Number(pair[2]) }))
    : undefined;
}
