// SPDX-License-Identifier: MIT
import { dialog, type BrowserWindow } from 'electron';
import { writeFile } from 'node:fs/promises';

/** Lets the user choose a disk image; undefined when they changed their mind. */
export async function pickImageFile(window: BrowserWindow): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose a disk image',
    buttonLabel: 'Choose',
    properties: ['openFile'],
    filters: [
      { name: 'Disk images', extensions: ['qcow2', 'img', 'raw', 'vmdk', 'vdi', 'vhdx', 'xz', 'zst', 'gz', 'bz2'] },
      { name: 'All files', extensions: ['*'] },
    ],
  });
  return filePaths[0];
}

/** Lets the user choose folders to share; none when they changed their mind. */
export async function pickFolders(window: BrowserWindow): Promise<string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose folders to share',
    buttonLabel: 'Choose',
    properties: ['openDirectory', 'multiSelections'],
  });
  return filePaths;
}

/** Lets the user choose files to copy into an instance; none when they changed their mind. */
export async function pickFiles(window: BrowserWindow): Promise<string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose files to copy',
    buttonLabel: 'Copy',
    properties: ['openFile', 'multiSelections', 'showHiddenFiles'],
  });
  return filePaths;
}

/** Lets the user choose a folder that something is copied into; undefined when they changed their mind. */
export async function pickDestination(window: BrowserWindow): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose where to copy to',
    buttonLabel: 'Copy here',
    properties: ['openDirectory', 'createDirectory'],
  });
  return filePaths[0];
}

/** Asks whether the window may go while something is copied. */
export async function mayStopCopying(window: BrowserWindow, count: number): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: count === 1 ? 'A copy is under way' : `${count} copies are under way`,
    detail: 'Files that are whole stay; what is half-copied is removed. Instances go on running.',
    buttons: ['Go on copying', 'Stop and quit'],
    defaultId: 0,
    cancelId: 0,
  });
  return response === 1;
}

/** Lets the user choose where to save a text, and saves it. Throws what the file system says. */
export async function saveText(
  window: BrowserWindow,
  suggestedName: string,
  text: string,
): Promise<string | undefined> {
  const { filePath } = await dialog.showSaveDialog(window, { title: 'Save', defaultPath: suggestedName });
  if (!filePath) return undefined;
  await writeFile(filePath, text);
  return filePath;
}
