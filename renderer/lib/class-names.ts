// SPDX-License-Identifier: MIT
/** Joins the class names that are present. */
export function classNames(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
