// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

/** Whether AppArmor is in this kernel and switched on. */
export async function kernelHasAppArmor(): Promise<boolean> {
  // no such module: not in this kernel
  const enabled = await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').catch(() => 'N');
  return enabled.trim() === 'Y';
}
