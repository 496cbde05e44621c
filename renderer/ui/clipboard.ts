// SPDX-License-Identifier: MIT
import { createContext, useContext } from 'react';

/** How text reaches the clipboard; the application sets it, because only the desktop program may. */
export const ClipboardContext = createContext<(text: string) => Promise<void>>((text) =>
  navigator.clipboard.writeText(text),
);

export function useCopy(): (text: string) => Promise<void> {
  return useContext(ClipboardContext);
}
