// SPDX-License-Identifier: MIT
import { instanceKey, partsOf, type InstanceKey } from '#contract/host-keys.ts';
import type { ConflictAnswer, Transfer } from '#contract/transfers.ts';
import { appRequest } from '../api/client.ts';
import { attempt, type Asked } from './attempt.ts';
import { setView } from './index.ts';

/** Copies files and folders of this computer into an instance: into `folder`, or its user's home. */
export async function copyIn(instance: InstanceKey, paths: readonly string[], folder?: string): Promise<void> {
  const { host, name } = partsOf(instance);
  await attempt(
    asked(instance),
    async () =>
      await appRequest('app.copy-in', { name, paths: [...paths], ...(folder === undefined ? {} : { folder }) }, host),
  );
}

/** Asks which files, then copies them in. */
export async function chooseAndCopyIn(instance: InstanceKey): Promise<void> {
  await attempt(asked(instance), async () => {
    const { paths } = await appRequest('app.pick-files', {});
    const { host, name } = partsOf(instance);
    if (paths.length > 0) await appRequest('app.copy-in', { name, paths }, host);
  });
}

/** Asks which folders, then how to share them. */
export async function chooseAndShare(instance: InstanceKey): Promise<void> {
  await attempt(asked(instance), async () => {
    const { paths } = await appRequest('app.pick-folders', {});
    if (paths.length > 0) setView({ shareDraft: { instance, sources: paths } });
  });
}

export async function answerConflict(answer: ConflictAnswer): Promise<void> {
  await attempt(asked(), async () => await appRequest('app.answer-conflict', answer));
}

export async function cancelTransfer({ id, host, instance }: Transfer): Promise<void> {
  await attempt(asked(instanceKey(host, instance)), async () => await appRequest('app.cancel-transfer', { id }));
}

export async function dismissTransfer({ id, host, instance }: Transfer): Promise<void> {
  await attempt(asked(instanceKey(host, instance)), async () => await appRequest('app.dismiss-transfer', { id }));
}

function asked(instance?: InstanceKey): Asked {
  return { id: `copy-${instance ?? ''}`, line: 'copy', instance };
}
