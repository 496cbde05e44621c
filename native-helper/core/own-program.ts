// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The path of a program of the helper's own that runs as another process: in the sources, or beside the helper's bundle
 * in a package.
 */
export function ownProgram(directory: string, source: string, bundle: string): string {
  return [path.join(directory, source), path.join(directory, bundle)].find((file) => existsSync(file)) ?? bundle;
}
