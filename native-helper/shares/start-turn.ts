// SPDX-License-Identifier: MIT
import { KeyedSlots } from '../core/keyed-slots.ts';
import type { MountRecord } from '../store/instance-record.ts';

/** A start takes a Node and a dozen short programs; who has many folders attached at once would have as many run. */
const startsOfOneUser = 4;
const turns = new KeyedSlots(startsOfOneUser);

/**
 * Starts a share's server when few others of the same user's are about to start. Who waits leaves with the signal's
 * abort.
 */
export async function inStartTurn<Server>(
  { owner }: MountRecord,
  signal: AbortSignal,
  start: () => Promise<Server>,
): Promise<Server> {
  return await turns.hold(String(owner.uid), signal, start);
}
