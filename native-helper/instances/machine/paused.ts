// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { pauseWords } from '#contract/pause.ts';
import { HelperError } from '../../core/errors.ts';
import type { MachinePause } from '../../core/seams/hypervisor.ts';

/** What is said where a guest is needed and QEMU holds it. */
export function paused(name: InstanceName, { reason }: MachinePause): HelperError {
  return new HelperError('instance.paused', { name, reason: pauseWords(reason) });
}
