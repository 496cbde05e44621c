// SPDX-License-Identifier: MIT
import { access, constants } from 'node:fs/promises';
import { HelperError } from '../../core/errors.ts';
import { describeError } from '#contract/errors.ts';
import { sentence } from '#messages/say.ts';
import { programVersion } from '../program-version.ts';
import type { Check } from './surroundings.ts';

/** QEMU and qemu-img are two packages, and both are needed. */
export const checkQemu: Check = async ({ runner, capabilities }, signal) => {
  try {
    const [{ qemuVersion }, image] = await Promise.all([
      capabilities(signal),
      programVersion(runner, 'qemu-img', signal),
    ]);
    return {
      id: 'qemu',
      state: 'good',
      summary: sentence('doctor.qemu-version', { version: qemuVersion }),
      evidence: `${image.path} ${image.version}`,
    };
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'hypervisor.missing') throw error;
    const { message, hint } = describeError(error);
    return { id: 'qemu', state: 'missing', summary: message, fix: hint };
  }
};

/** What the hypervisor says where nothing was tried. */
const chosenReason = 'chosen in the configuration';

/** The answer of the probe, which runs some instructions in a guest: a /dev/kvm that is there may still not work. */
export const checkKvm: Check = async ({ capabilities }, signal) => {
  const { accelerator, acceleratorReason } = await capabilities(signal);
  const evidence = `/dev/kvm ${await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
    () => 'can be opened',
    (error: NodeJS.ErrnoException) => `cannot be opened: ${error.code}`,
  )}`;
  if (accelerator === 'kvm') return { id: 'kvm', state: 'good', summary: acceleratorReason, evidence };
  return {
    id: 'kvm',
    state: 'limited',
    summary: sentence('doctor.emulated', { reason: acceleratorReason }),
    evidence,
    fix:
      acceleratorReason === chosenReason
        ? sentence('doctor.do-not-choose-tcg')
        : sentence('doctor.enable-virtualisation'),
  };
};
