// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import type { OperationAccepted } from '#contract/instances.ts';
import type { InstanceVerb, verbTable } from '#contract/verb-table.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { JournalEntry } from '../../operations/journal-document.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/** What the helper does for a verb of contract/verb-table.ts. */
export interface VerbWork<Verb extends InstanceVerb> {
  /**
   * Answers when the operation is under way.
   *
   * @throws HelperError what refuses it: nothing was done then
   */
  readonly begin: (
    services: InstanceServices,
    actor: Actor,
    params: z.output<(typeof verbTable)[Verb]['params']>,
  ) => Promise<OperationAccepted>;
  readonly afterCrash: AfterCrash;
}

/**
 * What becomes of an operation that was under way when the last helper ended: it is finished, undone, or noted with the
 * instance. Machines are adopted by then. What throws is tried again at the next start.
 */
export type AfterCrash = (services: InstanceServices, instance: Instance, leftover: JournalEntry) => Promise<void>;
