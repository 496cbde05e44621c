// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder of files the helper hands to other programs (launcher script, guests' own files). It
 * lies beside the sources, and beside the bundle's folder in a package; BERTH_ASSETS_DIR overrides.
 */
export const assetsDirectory: string = process.env.BERTH_ASSETS_DIR ?? findAssets(import.meta.dirname);

/**
 * A script of the launcher's folder as text, for `sh -c`: who runs it may not be able to reach the assets, being
 * another user or in another mount namespace.
 */
export async function readLauncherScript(assets: string, name: string): Promise<string> {
  return await readFile(path.join(assets, 'launcher', name), 'utf8');
}

function findAssets(from: string): string {
  for (let directory = from; ; directory = path.dirname(directory)) {
    const candidate = path.join(directory, 'assets');
    if (existsSync(path.join(candidate, 'launcher'))) return candidate;
    if (directory === path.dirname(directory)) throw new Error(`no assets folder above ${from}`);
  }
}
