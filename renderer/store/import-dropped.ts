// SPDX-License-Identifier: MIT
import { droppedFiles } from '../lib/dropped-files.ts';
import { setView } from './index.ts';

/** Begins the import of a dropped disk image; of several the first. */
export function importDropped(transfer: DataTransfer): void {
  const [path] = droppedFiles(transfer, (file) => window.berth.pathOf(file)).files;
  if (path !== undefined) setView({ importDraft: path });
}
