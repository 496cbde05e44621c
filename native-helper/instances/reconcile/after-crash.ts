// SPDX-License-Identifier: MIT
import type { InstanceVerb } from '#contract/verbs.ts';
import type { JournalEntry } from '../../operations/journal-document.ts';
import type { Instance } from '../instance/instance.ts';
import { undoLaunch } from '../verbs/launch.ts';
import { noteEnd, noteInterruption } from './note-interruption.ts';
import { finishPurge } from '../verbs/purge.ts';
import type { InstanceServices } from '../instance/services.ts';

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
