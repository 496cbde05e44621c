// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import type { ConflictAnswer, Transfer } from '#contract/transfers.ts';
import { appRequest } from '../api/client.ts';
import { attempt, type Asked } from './attempt.ts';
import { setView } from './index.ts';

/** Copies files and folders of this computer into an instance: into `folder`, or its user's home. */
export async function copyIn(name: InstanceName, paths: readonly string[], folder?: string): Promise<void> {
  await attempt(
    asked(name),
    async () =>
      await appRequest('app.copy-in', { name, paths: [...paths], ...(folder === undefined ? {} : { folder }) }),
  );
}

/** Asks which files, then copies them in. */
export async function chooseAndCopyIn(name: InstanceName): Promise<void> {
  await attempt(asked(name), async () => {
    const { paths } = await appRequest('app.pick-files', {});
    if (paths.length > 0) await appRequest('app.copy-in', { name, paths });
  });
}

/** Asks which folders, then how to share them. */
export async function chooseAndShare(name: InstanceName): Promise<void> {
  await attempt(asked(name), async () => {
    const { paths } = await appRequest('app.pick-folders', {});
    if (paths.length > 0) setView({ shareDraft: { name, sources: paths } });
  });
}

export async function answerConflict(answer: ConflictAnswer): Promise<void> {
  await attempt(asked(), async () => await appRequest('app.answer-conflict', answer));
}

export async function cancelTransfer({ id, instance }: Transfer): Promise<void> {
  await attempt(asked(instance), async () => await appRequest('app.cancel-transfer', { id }));
}

export async function dismissTransfer({ id, instance }: Transfer): Promise<void> {
  await attempt(asked(instance), async () => await appRequest('app.dismiss-transfer', { id }));
}

function asked(instance?: string): Asked {
  return { id: `copy-${instance ?? ''}`, line: 'copy', instance };
}
