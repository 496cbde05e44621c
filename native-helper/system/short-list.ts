// SPDX-License-Identifier: MIT

const most = 50;

/** The first of what there is, in words; there may be any number, and an event carries it. */
export function shortList(names: readonly string[]): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
