// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';

/** The window's one subscription to the link; every message goes to `dispatch`. Returns the way to stop. */
export function subscribe(dispatch: (message: LinkMessage) => void): () => void {
  return window.berth.subscribe(dispatch);
}
