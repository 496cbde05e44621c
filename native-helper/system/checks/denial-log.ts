// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { kernelHasAppArmor } from '../kernel-security.ts';
import type { Check } from './surroundings.ts';

/**
 * Whether what is refused to an instance comes to be known. Where nothing can be refused, there is nothing to look at.
 */
export const checkDenialLog: Check = async ({ denialSource }) => {
  if (!(await kernelHasAppArmor())) return undefined;
  const { state, detail, lost } = denialSource();
  const commandLine = await readFile('/proc/cmdline', 'utf8');
  if (/(?:^|\s)audit=(?:0|off)(?:\s|$)/.test(commandLine)) {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: 'Auditing is switched off, so blocked access is not recorded.',
      evidence: 'audit=0 in /proc/cmdline',
      fix: 'Remove audit=0 from the kernel command line.',
    };
  }
  if (state === 'unavailable') {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: 'Blocked access cannot be recorded.',
      evidence: detail,
      fix: 'Allow the helper to read /dev/kmsg (CAP_SYSLOG), or install auditd.',
    };
  }
  if (lost !== undefined) {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: `The kernel dropped ${lost.count} records, the last at ${lost.lastAt}. Some blocked access may be missing.`,
      evidence: detail,
      fix: 'The kernel log is limited to ten lines in five seconds. Install auditd, or raise the limit while you investigate.',
      command: 'sudo sysctl kernel.printk_ratelimit=0',
    };
  }
  return {
    id: 'denial-log',
    state: 'good',
    summary: 'Blocked access is recorded.',
    evidence: detail,
  };
};
