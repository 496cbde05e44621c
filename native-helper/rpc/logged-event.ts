// SPDX-License-Identifier: MIT
import type { EventBody } from '#contract/events.ts';
import type { Actor } from '../core/ports.ts';

/** What `viewer` is told of a change; undefined where it is none of theirs. Called at delivery, and again for each replay. */
export type EventView = (viewer: Actor) => EventBody | undefined;

export interface LoggedEvent {
  readonly sequence: number;
  readonly at: string;
  readonly view: EventView;
}
