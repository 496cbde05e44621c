// SPDX-License-Identifier: MIT

/**
 * The first `mostUnits` units of a text in UTF-16, or one less where they would end within a character: half a
 * character is no UTF-8, and where it stood for a name, whoever reads it takes the whole answer for none.
 */
export function beginningOf(text: string, mostUnits: number): string {
  const isWithin = (text.codePointAt(mostUnits - 1) ?? 0) > 0xffff;
  return text.slice(0, isWithin ? mostUnits - 1 : mostUnits);
}
