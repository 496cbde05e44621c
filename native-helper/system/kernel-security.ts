// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/** Whether AppArmor is in this kernel and switched on. */
export async function kernelHasAppArmor(): Promise<boolean> {
  const enabled = await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').catch(() => 'N'); // no such module: not in this kernel
  return enabled.trim() === 'Y';
}
