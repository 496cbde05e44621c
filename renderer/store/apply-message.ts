// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import { initialImages, reduceImages, type ImagesSlice } from './images.ts';
import { initialInstances, reduceInstances, type InstancesSlice } from './instances.ts';
import { initialLink, reduceLink, type LinkSlice } from './link.ts';
import { initialNotices, reduceNotices, type NoticesSlice } from './notices.ts';
import { initialOperations, reduceOperations, type OperationsSlice } from './operations.ts';
import { initialSystem, reduceSystem, type SystemSlice } from './system.ts';
import { initialTransfers, reduceTransfers, type TransfersSlice } from './transfers.ts';
import { initialView, type ViewSlice } from './view.ts';

export interface BerthState
  extends
    LinkSlice,
    InstancesSlice,
    OperationsSlice,
    ImagesSlice,
    SystemSlice,
    NoticesSlice,
    TransfersSlice,
    ViewSlice {}

export const initialState: BerthState = {
  ...initialLink,
  ...initialInstances,
  ...initialOperations,
  ...initialImages,
  ...initialSystem,
  ...initialNotices,
  ...initialTransfers,
  ...initialView,
};

/** The state after a message of the link. An event that was taken in already changes nothing. */
export function applyMessage(state: BerthState, message: LinkMessage): BerthState {
  if (message.kind === 'event' && message.event.sequence <= state.lastSequence) return state;
  return {
    ...state,
    ...reduceLink(state, message),
    ...reduceInstances(state, message),
    ...reduceOperations(state, message),
    ...reduceImages(state, message),
    ...reduceSystem(state, message),
    ...reduceTransfers(state, message),
    ...reduceNotices(state, message, {
      operations: state.operations,
      instances: state.instances,
      uid: state.system?.caller.uid,
    }),
  };
}
