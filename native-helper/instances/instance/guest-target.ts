// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { GuestTarget } from '../../core/seams/guest.ts';
import type { Instance } from './instance.ts';
import { paused, pauseOf } from '../machine/paused.ts';
import type { InstanceServices } from './services.ts';
import { requireReachable } from './state.ts';

/**
 * How to reach the instance's SSH now.
 *
 * @throws HelperError instance.wrong-state when no machine runs, instance.paused, guest.ssh-failed when it has no
 * address yet
 */
export async function guestTarget(
  services: Pick<InstanceServices, 'store' | 'operations'>,
  instance: Instance,
): Promise<GuestTarget> {
  const { boot, record } = instance;
  if (!boot) {
    const state = instance.state(services.operations.current(instance.name));
    requireReachable(instance.name, state === 'starting' || state === 'restarting' ? 'stopped' : state);
    throw new HelperError('instance.wrong-state', {
      name: instance.name,
      state: sentence(`state.${state}`),
      command: sentence('instance.be-reached'),
    });
  }
  const pause = pauseOf(boot);
  if (pause) throw paused(instance.name, pause);
  if (!boot.lease) throw new HelperError('guest.ssh-failed', { reason: sentence('instance.no-address-yet') });
  const { privateKey } = await services.store.readSecrets(instance.name);
  return { address: boot.lease.address, user: record.image.defaultUser, privateKey, hostKey: record.hostKey };
}
