// SPDX-License-Identifier: MIT
import type { LinkMessage, LinkState } from '#contract/desktop.ts';
import { localHost, type HostId } from '#contract/hosts.ts';

export interface HostLink {
  readonly link: LinkState;
  /** True once a snapshot came: what is shown while the link is down is then the last known, not nothing. */
  readonly hasSnapshot: boolean;
}

/** How far a host's events were taken in; older ones are replays. */
interface Position {
  /** The helper's. */
  readonly bootId: string | undefined;
  readonly lastSequence: number;
}

export interface LinksSlice {
  /** Of every host that there is. */
  readonly links: Readonly<Record<HostId, HostLink>>;
  readonly positions: Readonly<Record<HostId, Position>>;
}

export const unknownLink: HostLink = { link: { state: 'connecting' }, hasSnapshot: false };
export const noPosition: Position = { bootId: undefined, lastSequence: -1 };

export const initialLinks: LinksSlice = { links: { [localHost]: unknownLink }, positions: {} };

export function reduceLinks({ links, positions }: LinksSlice, message: LinkMessage): Partial<LinksSlice> {
  switch (message.kind) {
    case 'link': {
      const { host, link } = message;
      return { links: { ...links, [host]: { ...(links[host] ?? unknownLink), link } } };
    }
    case 'snapshot': {
      const { host } = message;
      const { bootId } = message.snapshot.system;
      const before = positions[host] ?? noPosition;
      return {
        links: { ...links, [host]: { ...(links[host] ?? unknownLink), hasSnapshot: true } },
        positions: { ...positions, [host]: bootId === before.bootId ? before : { ...noPosition, bootId } },
      };
    }
    case 'event': {
      const { host, event } = message;
      const before = positions[host] ?? noPosition;
      return { positions: { ...positions, [host]: { ...before, lastSequence: event.sequence } } };
    }
    case 'images':
    case 'transfers':
      return {};
    default:
      return message satisfies never;
  }
}
