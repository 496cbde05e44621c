// SPDX-License-Identifier: MIT
import { applyLinkMessage } from '#contract/apply-link-message.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import { emptyView, type HostsView } from '#contract/hosts-view.ts';
import { initialLinks, noPosition, reduceLinks, type LinksSlice } from './links.ts';
import { initialNotices, reduceNotices, type NoticesSlice } from './notices.ts';
import { initialTransfers, reduceTransfers, type TransfersSlice } from './transfers.ts';
import { initialView, type ViewSlice } from './view.ts';

export interface BerthState extends LinksSlice, HostsView, NoticesSlice, TransfersSlice, ViewSlice {}

export const initialState: BerthState = {
  ...initialLinks,
  ...emptyView,
  ...initialNotices,
  ...initialTransfers,
  ...initialView,
};

/** The state after a message of the link. An event that was taken in already changes nothing. */
export function applyMessage(state: BerthState, message: LinkMessage): BerthState {
  if (message.kind === 'event') {
    const { lastSequence } = state.positions[message.host] ?? noPosition;
    if (message.event.sequence <= lastSequence) return state;
  }
  return {
    ...state,
    ...applyLinkMessage(state, message),
    ...reduceLinks(state, message),
    ...reduceTransfers(state, message),
    ...reduceNotices(state, message),
  };
}
