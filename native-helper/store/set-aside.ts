// SPDX-License-Identifier: MIT
import { rename } from 'node:fs/promises';

/**
 * Renames a file or directory that cannot be read as what it should be, beside itself; returns the new name. Nothing is
 * lost or overwritten.
 */
export async function setAside(file: string): Promise<string> {
  const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  await rename(file, aside);
  return aside;
}
