// SPDX-License-Identifier: MIT
import { access } from 'node:fs/promises';
import path from 'node:path';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { buildImage } from '../../native-helper/images/build/build-image.ts';
import { tiny } from '../../native-helper/images/build/tiny.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';

const prebuilt = path.resolve(import.meta.dirname, '../../.cache/images/tiny');

/**
 * The directory of the tiny image, {disk.qcow2, kernel, initrd, image.json}; built first where the set-up has not made
 * it.
 */
export async function tinyImage(): Promise<string> {
  try {
    await access(path.join(prebuilt, 'image.json'));
  } catch {
    await buildImage(tiny, prebuilt, {
      runner: new LocalProcessRunner(),
      assetsDirectory,
      signal: AbortSignal.timeout(10 * 60_000),
      report: () => {},
    });
  }
  return prebuilt;
}
