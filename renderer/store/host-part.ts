// SPDX-License-Identifier: MIT
import type { HostId } from '#contract/hosts.ts';
import { noImages, type HostImages, type HostsView } from '#contract/hosts-view.ts';
import type { SystemInfo } from '#contract/system.ts';
import { unknownLink, type HostLink, type LinksSlice } from './links.ts';

/** What there is once on every host. */
export interface HostPart extends HostLink, HostImages {
  readonly host: HostId;
  /** Undefined until the first snapshot. */
  readonly system: SystemInfo | undefined;
}

export function hostPart(
  state: Pick<LinksSlice, 'links'> & Pick<HostsView, 'images' | 'systems'>,
  host: HostId,
): HostPart {
  return {
    host,
    ...(state.links[host] ?? unknownLink),
    ...(state.images[host] ?? noImages),
    system: state.systems[host],
  };
}
