// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/** The lines of a list file without comments and blank lines. */
export async function readList(file: string): Promise<readonly string[]> {
  return parseList(await readFile(file, 'utf8'));
}

export function parseList(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
