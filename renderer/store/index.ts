// SPDX-License-Identifier: MIT
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { LinkMessage } from '#contract/desktop.ts';
import { applyMessage, initialState, type BerthState } from './apply-message.ts';
import { addNotice, type Notice } from './notices.ts';
import type { ViewSlice } from './view.ts';

export const store = createStore<BerthState>()(() => initialState);

/** Reads a part of the store; the component is drawn again when that part changes. */
export function useBerth<T>(selector: (state: BerthState) => T): T {
  return useStore(store, selector);
}

export function dispatch(message: LinkMessage): void {
  store.setState((state) => applyMessage(state, message), true);
}

export function setView(view: Partial<ViewSlice>): void {
  store.setState(view);
}

export function notify(notice: Notice): void {
  store.setState((state) => ({ notices: addNotice(state.notices, notice) }));
}

export function dismiss(id: string): void {
  store.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}
