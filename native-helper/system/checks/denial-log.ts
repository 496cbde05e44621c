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
      summary: 'The kernel records nothing: what is refused to an instance stays unknown.',
      evidence: 'audit=0 in /proc/cmdline',
      fix: "Take audit=0 off the kernel's command line.",
    };
  }
  if (state === 'unavailable') {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: 'What is refused to an instance stays unknown.',
      evidence: detail,
      fix: 'Let the helper read /dev/kmsg (capability CAP_SYSLOG), or install auditd.',
    };
  }
  if (lost !== undefined) {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: `The kernel left out ${lost.count} records, the last at ${lost.lastAt}; refusals may be among them.`,
      evidence: detail,
      fix: 'Its log is limited to ten lines in five seconds. Install auditd, or lift the limit while you look for something.',
      command: 'sudo sysctl kernel.printk_ratelimit=0',
    };
  }
  return {
    id: 'denial-log',
    state: 'good',
    summary: 'What is refused to an instance is seen and kept with it.',
    evidence: detail,
  };
};
