// SPDX-License-Identifier: MIT
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { appRequest, request } from '../api/client.ts';
import { actionLine, actionsOf, isForced, verbOf, type InstanceAction } from '../lib/instance-actions.ts';
import { attempt } from './attempt.ts';
import { dismiss, setView, store } from './index.ts';
import type { Preferences } from '#contract/desktop.ts';

/** Asks for an action on an instance. A refusal becomes a notice; the end comes as an event. */
export async function act(action: InstanceAction, name: string): Promise<void> {
  await attempt(
    { id: `refused-${action}-${name}`, line: actionLine(action, [name]), instance: name },
    async () => await request(`instances.${verbOf(action)}`, { name, ...(isForced(action) && { force: true }) }),
  );
}

/** The same action on those of several instances that can take it. */
export async function actOnAll(action: InstanceAction, names: readonly string[]): Promise<void> {
  const { instances } = store.getState();
  const able = names.filter((name) => {
    const instance = instances[name];
    return instance !== undefined && actionsOf(instance).has(action);
  });
  await Promise.all(able.map((name) => act(action, name)));
  if (verbs[verbOf(action)].undoneBy !== undefined) setView({ selected: new Set() });
}

/** Takes back what a notice tells of, and the notice away. */
export async function takeBack(noticeId: string, undoneBy: InstanceVerb, name: string): Promise<void> {
  dismiss(noticeId);
  await act(undoneBy, name);
}

/** Starts an instance with its owner's consent to run without AppArmor, which is remembered. */
export async function startWithConsent(noticeId: string, name: string): Promise<void> {
  dismiss(noticeId);
  await attempt(
    { id: noticeId, line: `${actionLine('start', [name])} --without-apparmor`, instance: name },
    async () => await request('instances.start', { name, isAllowedWithoutAppArmor: true }),
  );
}

export async function cancelOperation(id: string): Promise<void> {
  await attempt({ id: `cancel-${id}`, line: 'cancel' }, async () => await request('operations.cancel', { id }));
}

/** Asks all remotes what they have now. */
export async function refreshImages(): Promise<void> {
  await attempt(
    { id: 'refresh', line: 'berth find --refresh' },
    async () => await request('images.refresh', { maxAgeSeconds: 0 }),
  );
}

/** Shown at once, then kept by the desktop program. */
export async function chooseTheme(theme: Preferences['theme']): Promise<void> {
  setView({ theme });
  await attempt({ id: 'theme', line: 'theme' }, async () => await appRequest('app.set-theme', { theme }));
}
