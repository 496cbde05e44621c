// SPDX-License-Identifier: MIT
import type { EventBody } from '#contract/events.ts';
import type { Actor } from '../core/seams/operation.ts';

/** How a subscriber wants to be told. */
export interface EventForm {
  /** Of an instance only what changed, and figures apart from that. */
  readonly isChangesOnly: boolean;
}

/**
 * What `viewer` is told of a change; undefined where it is none of theirs. Called at delivery, and
 * again for each replay, so it answers from values and not from state that changes later.
 */
export type EventView = (viewer: Actor, form: EventForm) => EventBody | undefined;
