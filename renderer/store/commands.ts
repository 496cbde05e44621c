// SPDX-License-Identifier: MIT
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { appRequest, errorDataOf, request } from '../api/client.ts';
import { actionLine, actionsOf, isForced, verbOf, type InstanceAction } from '../lib/instance-actions.ts';
import { dismiss, notify, setView, store } from './index.ts';
import { noticeStrings } from './notice-strings.ts';
import { errorNotice } from './notices.ts';
import type { Preferences } from '#contract/desktop.ts';

/** Asks for an action on an instance. A refusal becomes a notice; the end comes as an event. */
export async function act(action: InstanceAction, name: string): Promise<void> {
  try {
    await request(`instances.${verbOf(action)}`, { name, ...(isForced(action) && { force: true }) });
  } catch (error) {
    notify(
      errorNotice(
        `refused-${action}-${name}`,
        noticeStrings.refused(actionLine(action, [name])),
        errorDataOf(error),
        name,
      ),
    );
  }
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
  try {
    await request('instances.start', { name, isAllowedWithoutAppArmor: true });
  } catch (error) {
    notify(
      errorNotice(
        noticeId,
        noticeStrings.refused(`${actionLine('start', [name])} --without-apparmor`),
        errorDataOf(error),
        name,
      ),
    );
  }
}

export async function cancelOperation(id: string): Promise<void> {
  try {
    await request('operations.cancel', { id });
  } catch (error) {
    notify(errorNotice(`cancel-${id}`, noticeStrings.refused('cancel'), errorDataOf(error)));
  }
}

/** Shown at once, then kept by the desktop program. */
export async function chooseTheme(theme: Preferences['theme']): Promise<void> {
  setView({ theme });
  try {
    await appRequest('app.set-theme', { theme });
  } catch (error) {
    notify(errorNotice('theme', noticeStrings.refused('theme'), errorDataOf(error)));
  }
}
