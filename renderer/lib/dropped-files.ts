// SPDX-License-Identifier: MIT

/** What was dropped from a file manager, by path. */
export interface DroppedFiles {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Things that lie nowhere on this computer, as a picture dragged out of a browser. */
  readonly withoutPath: number;
}

/** What is known of a drag before its drop: names and kinds are not. */
export interface DragContent {
  readonly count: number;
  /** Whether all of it is files for sure; folders and unknown files have no type. */
  readonly isAllFiles: boolean;
}

/** Undefined for a drag that brings no files. */
export function dragContent(transfer: DataTransfer | null): DragContent | undefined {
  if (transfer?.types.includes('Files') !== true) return undefined;
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  return { count: items.length, isAllFiles: items.length > 0 && items.every((item) => item.type !== '') };
}

/** To be called within the drop event: the list is empty afterwards. */
export function droppedFiles(transfer: DataTransfer, pathOf: (file: File) => string): DroppedFiles {
  const found = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => {
      const file = item.getAsFile();
      return { isFolder: item.webkitGetAsEntry()?.isDirectory === true, path: file === null ? '' : pathOf(file) };
    });
  const withPath = found.filter(({ path }) => path !== '');
  return {
    folders: withPath.filter(({ isFolder }) => isFolder).map(({ path }) => path),
    files: withPath.filter(({ isFolder }) => !isFolder).map(({ path }) => path),
    withoutPath: found.length - withPath.length,
  };
}
