// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { SystemInfo } from '#contract/system.ts';

export interface SystemSlice {
  readonly system: SystemInfo | undefined;
}

export const initialSystem: SystemSlice = { system: undefined };

export function reduceSystem(slice: SystemSlice, message: LinkMessage): Partial<SystemSlice> {
  if (message.kind === 'snapshot') return { system: message.snapshot.system };
  if (message.kind !== 'event' || message.event.body.topic !== 'system.changed' || slice.system === undefined)
    return {};
  return { system: { ...message.event.body.system, caller: slice.system.caller } };
}
