// SPDX-License-Identifier: MIT
import { operationKey, partsOf, type InstanceKey } from '#contract/host-keys.ts';
import type { HostId } from '#contract/hosts.ts';
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { appRequest, request } from '../api/client.ts';
import { actionLine, actionsOf, isForced, verbOf, type InstanceAction } from '../lib/instance-actions.ts';
import { attempt } from './attempt.ts';
import { dismiss, setView, store } from './index.ts';
import type { Preferences } from '#contract/desktop.ts';

/** Asks for an action on an instance. A refusal becomes a notice; the end comes as an event. */
export async function act(action: InstanceAction, instance: InstanceKey): Promise<void> {
  const { host, name } = partsOf(instance);
  await attempt(
    { id: `refused-${action}-${instance}`, line: actionLine(action, [name]), instance },
    async () =>
      await request(host, `instances.${verbOf(action)}`, {
        name,
        ...(isForced(action) && verbs[verbOf(action)].forced?.params),
      }),
  );
}

/** The same action on those of several instances that can take it. */
export async function actOnAll(action: InstanceAction, keys: readonly InstanceKey[]): Promise<void> {
  const { instances } = store.getState();
  const able = keys.filter((key) => {
    const instance = instances[key];
    return instance !== undefined && actionsOf(instance).has(action);
  });
  await Promise.all(able.map(async (key) => await act(action, key)));
  if (verbs[verbOf(action)].undoneBy !== undefined) setView({ selected: new Set() });
}

/** Takes back what a notice tells of, and the notice away. */
export async function takeBack(noticeId: string, undoneBy: InstanceVerb, instance: InstanceKey): Promise<void> {
  dismiss(noticeId);
  await act(undoneBy, instance);
}

/** Starts an instance with its owner's consent to run without AppArmor, which is remembered. */
export async function startWithConsent(noticeId: string, instance: InstanceKey): Promise<void> {
  dismiss(noticeId);
  const { host, name } = partsOf(instance);
  await attempt(
    { id: noticeId, line: `${actionLine('start', [name])} --without-apparmor`, instance },
    async () => await request(host, 'instances.start', { name, isAllowedWithoutAppArmor: true }),
  );
}

export async function cancelOperation(host: HostId, id: string): Promise<void> {
  const asked = { id: `cancel-${operationKey(host, id)}`, line: 'cancel' };
  await attempt(asked, async () => await request(host, 'operations.cancel', { id }));
}

/** Asks all remotes of a host what they have now. */
export async function refreshImages(host: HostId): Promise<void> {
  await attempt(
    { id: 'refresh', line: 'berth find --refresh' },
    async () => await request(host, 'images.refresh', { maxAgeSeconds: 0 }),
  );
}

/** Shown at once, then kept by the desktop program. */
export async function chooseTheme(theme: Preferences['theme']): Promise<void> {
  setView({ theme });
  await attempt({ id: 'theme', line: 'theme' }, async () => await appRequest('app.set-theme', { theme }));
}
