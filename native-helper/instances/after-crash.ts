// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import { HelperError, toErrorData } from '../core/errors.ts';
import type { JournalEntry } from '../operations/journal-document.ts';
import type { Instance } from './instance.ts';
import { undoLaunch } from './launch.ts';
import { finishPurge } from './purge.ts';
import type { InstanceServices } from './services.ts';

/**
 * What becomes of an operation that was under way when the last helper ended: it is finished, undone, or noted with the
 * instance. Machines are adopted by then. What throws is tried again at the next start.
 */
export type AfterCrash = (services: InstanceServices, instance: Instance, leftover: JournalEntry) => Promise<void>;

/** By operation. */
export const afterCrash: Readonly<Record<'launch' | InstanceVerb, AfterCrash>> = {
  launch: undoLaunch,
  start: noteInterruption,
  stop: noteEnd,
  restart: noteInterruption,
  delete: noteEnd,
  recover: noteInterruption,
  purge: finishPurge,
};

/** It stays as it is; its owner sees that what was asked was not done. */
async function noteInterruption({ registry }: InstanceServices, instance: Instance): Promise<void> {
  await registry.update(instance, () => ({ lastError: interrupted() }));
}

/** As {@link noteInterruption}; and whoever was to end is not started again. */
async function noteEnd({ registry }: InstanceServices, instance: Instance): Promise<void> {
  await registry.update(instance, () => ({ lastError: interrupted(), desired: 'stopped' }));
}

function interrupted(): ReturnType<typeof toErrorData> {
  return toErrorData(new HelperError('operation.interrupted'));
}
