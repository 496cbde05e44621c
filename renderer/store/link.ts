// SPDX-License-Identifier: MIT
import type { LinkMessage, LinkState } from '#contract/desktop.ts';

export interface LinkSlice {
  readonly link: LinkState;
  /** True once a snapshot came: what is shown while the link is down is then the last known, not nothing. */
  readonly hasSnapshot: boolean;
  /** The helper's boot and the number of the last event taken in; older ones are replays. */
  readonly bootId: string | undefined;
  readonly lastSequence: number;
}

export const initialLink: LinkSlice = {
  link: { state: 'connecting' },
  hasSnapshot: false,
  bootId: undefined,
  lastSequence: -1,
};

export function reduceLink(slice: LinkSlice, message: LinkMessage): Partial<LinkSlice> {
  switch (message.kind) {
    case 'link':
      return { link: message.link };
    case 'snapshot': {
      const { bootId } = message.snapshot.system;
      return { hasSnapshot: true, bootId, ...(bootId === slice.bootId ? {} : { lastSequence: -1 }) };
    }
    case 'event':
      return { lastSequence: message.event.sequence };
    case 'images':
    case 'transfers':
      return {};
    default:
      return message satisfies never;
  }
}
