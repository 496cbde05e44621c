// SPDX-License-Identifier: MIT

/** What was dropped from a file manager: paths of folders, and whether anything else was among it. */
export interface DroppedFolders {
  readonly folders: readonly string[];
  readonly hasOthers: boolean;
}

/** Whether a drag brings files or folders, as far as it may be known before the drop. */
export function bringsFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') === true;
}

/** To be called within the drop event: the list is empty afterwards. */
export function droppedFolders(transfer: DataTransfer): DroppedFolders {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory === true).flatMap((item) => {
    const file = item.getAsFile();
    return file === null ? [] : [window.berth.pathOf(file)];
  });
  return { folders, hasOthers: folders.length < items.length };
}
