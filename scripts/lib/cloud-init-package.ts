// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.ts';
import { runProgram } from './run-program.ts';

/**
 * Debian's package cloud-init, unpacked: tests run its code on our seeds. It is not installed, because this computer
 * would run it.
 */
export const cloudInitPackage = path.join(root, '.cache/cloud-init');

/** Has apt fetch the package, once. Returns apt's words where it could not. */
export async function fetchCloudInitPackage(): Promise<string | undefined> {
  if (fs.existsSync(cloudInitPackage)) return undefined;
  fs.mkdirSync(path.dirname(cloudInitPackage), { recursive: true });
  const work = fs.mkdtempSync(`${cloudInitPackage}-`);
  try {
    const fetched = await runProgram('apt-get', ['-q', 'download', 'cloud-init'], { capture: true, cwd: work });
    const file = fs.readdirSync(work).find((name) => name.endsWith('.deb'));
    if (fetched.exitCode !== 0 || file === undefined) return fetched.output;
    const unpacked = path.join(work, 'unpacked');
    const { exitCode, output } = await runProgram('dpkg-deb', ['-x', path.join(work, file), unpacked], {
      capture: true,
    });
    if (exitCode !== 0) return output;
    fs.renameSync(unpacked, cloudInitPackage);
    return undefined;
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}
