// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder of files the helper hands to other programs (launcher script, guests' own files). It
 * lies beside the sources, and beside the bundle's folder in a package; BERTH_ASSETS_DIR overrides.
 */
export const assetsDirectory: string = process.env.BERTH_ASSETS_DIR ?? findAssets(import.meta.dirname);

function findAssets(from: string): string {
  for (let directory = from; ; directory = path.dirname(directory)) {
    const candidate = path.join(directory, 'assets');
    if (existsSync(path.join(candidate, 'launcher'))) return candidate;
    if (directory === path.dirname(directory)) throw new Error(`no assets folder above ${from}`);
  }
}
