// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

let seen = 0;

/** The kernel's new lines about what AppArmor refused. */
export async function newDenials(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('dmesg', [], { maxBuffer: 2 ** 24 });
  const lines = stdout
    .split('\n')
    .filter((line) => line.includes('apparmor="DENIED"') || line.includes('apparmor="ALLOWED"'));
  const fresh = lines.slice(seen);
  seen = lines.length;
  return fresh;
}
