// SPDX-License-Identifier: MIT
import type { IMarker, Terminal } from '@xterm/xterm';

/** When lines of a terminal were printed. */
export interface LineTimes {
  /** The line at the cursor was begun at this time. */
  note(at: number): void;
  /** When a line of the buffer was printed: the last note at or above it. */
  at(line: number): number | undefined;
  /** Whether a note lies on this very line. */
  beginsAt(line: number): number | undefined;
  clear(): void;
}

/** Notes closer together than this say nothing new. */
const resolutionMs = 100;

/** Keeps times on xterm markers, which move with the scrollback and die with their line. */
export function lineTimes(terminal: Terminal): LineTimes {
  let notes: { readonly marker: IMarker; readonly at: number }[] = [];
  return {
    note(at) {
      const last = notes.at(-1);
      if (
        last !== undefined &&
        (at - last.at < resolutionMs ||
          last.marker.line === terminal.buffer.active.baseY + terminal.buffer.active.cursorY)
      )
        return;
      const marker = terminal.registerMarker(0);
      if (marker !== undefined) notes.push({ marker, at });
      if (notes.length > 5000) notes = notes.filter((note) => !note.marker.isDisposed).slice(-4000);
    },
    at: (line) => find(notes, line)?.at,
    beginsAt(line) {
      const note = find(notes, line);
      return note?.marker.line === line ? note.at : undefined;
    },
    clear() {
      for (const note of notes) note.marker.dispose();
      notes = [];
    },
  };
}

/** Binary search for the last note at or above a line; disposed markers have line -1 and stand first. */
function find(
  notes: readonly { readonly marker: IMarker; readonly at: number }[],
  line: number,
): { readonly marker: IMarker; readonly at: number } | undefined {
  let low = 0;
  let high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle]!.marker.line <= line) low = middle + 1;
    else high = middle;
  }
  const found = notes[low - 1];
  return found === undefined || found.marker.isDisposed ? undefined : found;
}
