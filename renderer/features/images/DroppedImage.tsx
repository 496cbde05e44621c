// SPDX-License-Identifier: MIT
import { setView, useBerth } from '../../store/index.ts';
import { ImportDialog } from './ImportDialog.tsx';

/** The import of a disk image that was dropped somewhere in the window. */
export function DroppedImage() {
  const path = useBerth((state) => state.importDraft);
  return path === undefined ? null : (
    <ImportDialog key={path} path={path} onClose={() => setView({ importDraft: undefined })} />
  );
}
