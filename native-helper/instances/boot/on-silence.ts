// SPDX-License-Identifier: MIT
import type { Boot } from './boot.ts';

/**
 * Calls `silent` when a boot's console has shown nothing for so long; each byte on it begins that time anew. Returns
 * what ends the watching.
 */
export function onSilence({ console }: Boot, silenceMs: number, silent: () => void): () => void {
  const timer = setTimeout(silent, silenceMs);
  const moved = (): void => void timer.refresh();
  console.on('grown', moved);
  return () => {
    clearTimeout(timer);
    console.off('grown', moved);
  };
}
