// SPDX-License-Identifier: MIT
import { applyLinkMessage } from '#contract/apply-link-message.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import { emptyView, type HostView } from '#contract/host-view.ts';
import { initialLink, reduceLink, type LinkSlice } from './link.ts';
import { initialNotices, reduceNotices, type NoticesSlice } from './notices.ts';
import { initialTransfers, reduceTransfers, type TransfersSlice } from './transfers.ts';
import { initialView, type ViewSlice } from './view.ts';

export interface BerthState extends LinkSlice, HostView, NoticesSlice, TransfersSlice, ViewSlice {}

export const initialState: BerthState = {
  ...initialLink,
  ...emptyView,
  ...initialNotices,
  ...initialTransfers,
  ...initialView,
};

/** The state after a message of the link. An event that was taken in already changes nothing. */
export function applyMessage(state: BerthState, message: LinkMessage): BerthState {
  if (message.kind === 'event' && message.event.sequence <= state.lastSequence) return state;
  return {
    ...state,
    ...applyLinkMessage(state, message),
    ...reduceLink(state, message),
    ...reduceTransfers(state, message),
    ...reduceNotices(state, message, {
      operations: state.operations,
      instances: state.instances,
      uid: state.system?.caller.uid,
    }),
  };
}
