// SPDX-License-Identifier: MIT
import { Menu, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { say } from '#messages/say.ts';
import { devServerUrl } from './page.ts';

/**
 * The application menu carries the keys and is not shown: the window has its own controls. No
 * Ctrl+W and no Ctrl+R here, for both belong to the shells in terminals.
 */
export function setMenu(): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'zoomIn' },
    { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { role: 'togglefullscreen' },
  ];
  if (devServerUrl()) view.push({ role: 'toggleDevTools' });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: say('desktop.menu.file'), submenu: [{ role: 'quit', accelerator: 'CommandOrControl+Q' }] },
      { label: say('desktop.menu.view'), submenu: view },
    ]),
  );
}

/** Cut, copy and paste by the right mouse button in text fields and on selected text. */
export function addContextMenu(window: BrowserWindow): void {
  window.webContents.on('context-menu', (_, { isEditable, selectionText, editFlags }) => {
    if (!isEditable && selectionText === '') return;
    const items: MenuItemConstructorOptions[] = [
      { role: 'copy', label: say('desktop.menu.copy'), enabled: editFlags.canCopy },
    ];
    if (isEditable) {
      items.unshift({ role: 'cut', label: say('desktop.menu.cut'), enabled: editFlags.canCut });
      items.push(
        { role: 'paste', label: say('desktop.menu.paste'), enabled: editFlags.canPaste },
        { type: 'separator' },
        { role: 'selectAll', label: say('desktop.menu.select-all') },
      );
    }
    Menu.buildFromTemplate(items).popup({ window });
  });
}
