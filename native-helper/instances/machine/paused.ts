// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { MachinePause } from '../../core/seams/hypervisor.ts';
import type { Boot } from '../boot/boot.ts';

/** Why a machine is held, while it is: somebody's word counts before what QEMU says of itself. */
export function pauseOf({ machine, heldSince }: Pick<Boot, 'machine' | 'heldSince'>): MachinePause | undefined {
  return machine.pause && heldSince ? { reason: 'asked', at: heldSince } : machine.pause;
}

/** What is said where a guest is needed and QEMU holds it. */
export function paused(name: InstanceName, { reason }: MachinePause): HelperError {
  if (reason === 'asked') return new HelperError('instance.held', { name });
  return new HelperError('instance.paused', { name, reason: sentence(`pause.${reason}`) });
}
