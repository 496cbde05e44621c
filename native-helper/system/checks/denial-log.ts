// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
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
      summary: sentence('doctor.auditing-off'),
      evidence: 'audit=0 in /proc/cmdline',
      fix: sentence('doctor.remove-audit-off'),
    };
  }
  if (state === 'unavailable') {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: sentence('doctor.denials-not-recorded'),
      evidence: detail,
      fix: sentence('doctor.record-denials'),
    };
  }
  if (lost !== undefined) {
    return {
      id: 'denial-log',
      state: 'limited',
      summary: sentence('doctor.records-dropped', { count: lost.count, lastAt: lost.lastAt }),
      evidence: detail,
      fix: sentence('doctor.keep-records'),
      command: 'sudo sysctl kernel.printk_ratelimit=0',
    };
  }
  return {
    id: 'denial-log',
    state: 'good',
    summary: sentence('doctor.denials-recorded'),
    evidence: detail,
  };
};
