// SPDX-License-Identifier: MIT
import type { GuestOutcome } from '../../guest/run-to-end.ts';
import { guestTarget } from './guest-target.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

export type AskServices = Pick<InstanceServices, 'store' | 'operations' | 'connections'>;

/**
 * Runs a short command of ours in the guest, which has `limitMs` for it.
 *
 * @throws HelperError as {@link guestTarget}, guest.ssh-failed; the signal's reason
 */
export async function askGuest(
  services: AskServices,
  instance: Instance,
  command: readonly string[],
  { signal, limitMs }: { readonly signal: AbortSignal; readonly limitMs: number },
): Promise<GuestOutcome> {
  const target = await guestTarget(services, instance);
  return await services.connections.output(target, command, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
}
