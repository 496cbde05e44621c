// SPDX-License-Identifier: MIT
import { dialog, type BrowserWindow } from 'electron';
import { writeFile } from 'node:fs/promises';
import { say } from '#messages/say.ts';

/** Lets the user choose a disk image; undefined when they changed their mind. */
export async function pickImageFile(window: BrowserWindow): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: say('desktop.dialog.image'),
    buttonLabel: say('desktop.button.choose'),
    properties: ['openFile'],
    filters: [
      {
        name: say('desktop.dialog.image-files'),
        extensions: ['qcow2', 'img', 'raw', 'vmdk', 'vdi', 'vhdx', 'xz', 'zst', 'gz', 'bz2'],
      },
      { name: say('desktop.dialog.all-files'), extensions: ['*'] },
    ],
  });
  return filePaths[0];
}

/** Lets the user choose folders to share; none when they changed their mind. */
export async function pickFolders(window: BrowserWindow): Promise<string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: say('desktop.dialog.folders'),
    buttonLabel: say('desktop.button.choose'),
    properties: ['openDirectory', 'multiSelections'],
  });
  return filePaths;
}

/** Lets the user choose files to copy into an instance; none when they changed their mind. */
export async function pickFiles(window: BrowserWindow): Promise<string[]> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: say('desktop.dialog.files'),
    buttonLabel: say('desktop.button.copy'),
    properties: ['openFile', 'multiSelections', 'showHiddenFiles'],
  });
  return filePaths;
}

/** Lets the user choose a folder that something is copied into; undefined when they changed their mind. */
export async function pickDestination(window: BrowserWindow): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: say('desktop.dialog.destination'),
    buttonLabel: say('desktop.dialog.copy-here'),
    properties: ['openDirectory', 'createDirectory'],
  });
  return filePaths[0];
}

/** Asks whether the window may go while something is copied. */
export async function mayStopCopying(window: BrowserWindow, count: number): Promise<boolean> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: say('desktop.quit.copies-under-way', { count }),
    detail: say('desktop.quit.detail'),
    buttons: [say('desktop.quit.go-on'), say('desktop.quit.stop')],
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
  const { filePath } = await dialog.showSaveDialog(window, {
    title: say('desktop.dialog.save'),
    defaultPath: suggestedName,
  });
  if (!filePath) return undefined;
  await writeFile(filePath, text);
  return filePath;
}
