// SPDX-License-Identifier: MIT
import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Logger } from '../core/log.ts';
import type { NetworkFiles } from './network-files.ts';

const setting = '/proc/sys/net/ipv4/ip_forward';

/**
 * Lets the host forward IPv4. What the setting was before is noted where we change it, for {@link restoreForwarding}.
 */
export async function enableForwarding(files: NetworkFiles, log: Logger): Promise<void> {
  const before = (await readFile(setting, 'utf8')).trim();
  if (before !== '0') return;
  await writeFile(files.forwarding, before, { mode: 0o600 });
  await writeFile(setting, '1');
  log.info({ before }, 'net.ipv4.ip_forward was switched on');
}

/** Puts back what {@link enableForwarding} found; does nothing where it changed nothing. */
export async function restoreForwarding(files: NetworkFiles, log: Logger): Promise<void> {
  let before: string;
  try {
    before = await readFile(files.forwarding, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (before === '0') await writeFile(setting, before);
  await rm(files.forwarding, { force: true });
  log.info({ before }, 'net.ipv4.ip_forward was put back');
}
