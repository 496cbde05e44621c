// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import { appRequest, errorDataOf, request } from '../api/client.ts';
import { actionLine } from '../lib/cli-line.ts';
import { dismiss, notify, setView, store } from './index.ts';
import { noticeStrings } from './notice-strings.ts';
import { errorNotice } from './notices.ts';
import { actionsOf, type InstanceAction } from './selectors.ts';
import type { Preferences } from '#contract/desktop.ts';

/** Asks for an action on an instance. A refusal becomes a notice; the end comes as an event. */
export async function act(action: InstanceAction, name: string): Promise<void> {
  try {
    await requestOf(action, name);
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
  if (action === 'delete') setView({ selected: new Set() });
}

/** Brings a deleted instance back and takes its notice away. */
export async function undoDelete(noticeId: string, name: string): Promise<void> {
  dismiss(noticeId);
  await act('recover', name);
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

async function requestOf(action: InstanceAction, name: string): Promise<OperationAccepted> {
  switch (action) {
    case 'start':
      return request('instances.start', { name });
    case 'stop':
      return request('instances.stop', { name });
    case 'force-stop':
      return request('instances.stop', { name, force: true });
    case 'restart':
      return request('instances.restart', { name });
    case 'delete':
      return request('instances.delete', { name });
    case 'recover':
      return request('instances.recover', { name });
    case 'purge':
      return request('instances.purge', { name });
    default:
      return action satisfies never;
  }
}
