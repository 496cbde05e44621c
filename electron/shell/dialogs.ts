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
      { name: 'Disk images', extensions: ['qcow2', 'img', 'raw'] },
      { name: 'All files', extensions: ['*'] },
    ],
  });
  return filePaths[0];
}

/** Lets the user choose a folder to share; undefined when they changed their mind. */
export async function pickFolder(window: BrowserWindow): Promise<string | undefined> {
  const { filePaths } = await dialog.showOpenDialog(window, { title: 'Choose a folder to share', buttonLabel: 'Choose', properties: ['openDirectory'] });
  return filePaths[0];
}

/** Lets the user choose where to save a text, and saves it. Throws what the file system says. */
export async function saveText(window: BrowserWindow, suggestedName: string, text: string): Promise<string | undefined> {
  const { filePath } = await dialog.showSaveDialog(window, { title: 'Save', defaultPath: suggestedName });
  if (!filePath) return undefined;
  await writeFile(filePath, text);
  return filePath;
}
