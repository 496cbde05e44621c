// SPDX-License-Identifier: MIT
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopBridge, Envelope, LinkMessage } from '#contract/desktop.ts';
import { channels } from './channels.ts';

/** The little of the DOM that is used here; the rest of electron/ has none. */
declare const window: {
  readonly location: { readonly origin: string };
  postMessage(message: unknown, targetOrigin: string, transfer: unknown[]): void;
};

const listeners = new Map<number, (message: LinkMessage) => void>();
let nextSubscription = 1;

ipcRenderer.on(channels.message, (_, subscription: number, message: LinkMessage) => {
  listeners.get(subscription)?.(message);
});

// The context bridge cannot carry a port; window.postMessage to the page itself can.
ipcRenderer.on(channels.stream, (event, id: string) => {
  window.postMessage({ berthStream: id }, window.location.origin, event.ports);
});

const bridge: DesktopBridge = {
  request: async (method, params, host) =>
    (await ipcRenderer.invoke(channels.request, method, params, host)) as Envelope,
  subscribe: (listener) => {
    const subscription = nextSubscription;
    nextSubscription += 1;
    listeners.set(subscription, listener);
    ipcRenderer.send(channels.subscribe, subscription);
    return () => {
      if (listeners.delete(subscription)) ipcRenderer.send(channels.unsubscribe, subscription);
    };
  },
  openStream: (token, id, host) => ipcRenderer.send(channels.openStream, token, id, host),
  pathOf: (file) => {
    // Electron knows a path for what a person dropped or chose; a file that a page made has none.
    const path = webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]);
    if (path !== '') ipcRenderer.send(channels.givePath, path);
    return path;
  },
  platform: {
    appVersion: argument('berth-version'),
    electronVersion: process.versions['electron'] ?? '',
    language: argument('berth-language'),
  },
};

contextBridge.exposeInMainWorld('berth', bridge);

/** What the main process handed over in `webPreferences.additionalArguments`. */
function argument(name: string): string {
  const prefix = `--${name}=`;
  return process.argv.find((each) => each.startsWith(prefix))?.slice(prefix.length) ?? '';
}
