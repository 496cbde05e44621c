// SPDX-License-Identifier: MIT

/** Whether a path is that of a directory or of something in it, by their names alone. */
export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
