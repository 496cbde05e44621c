// SPDX-License-Identifier: MIT
import type { EventView } from './event-view.ts';

/** A change with its number. */
export interface LoggedEvent {
  readonly sequence: number;
  readonly at: string;
  readonly view: EventView;
}
