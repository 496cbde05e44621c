// SPDX-License-Identifier: MIT
import { app, clipboard, type BrowserWindow } from 'electron';
import type { Duplex } from 'node:stream';
import { mountUsers } from '../client/mount-users.ts';
import type { DenialList } from '#contract/denials.ts';
import { localHost, type HostId } from '#contract/hosts.ts';
import type { InstanceName } from '#contract/names.ts';
import { localBackend } from './link/backend.ts';
import { createAppMethods } from './link/app-methods.ts';
import { EventHub } from './link/event-hub.ts';
import { HostLinks } from './link/host-links.ts';
import { admitHostPaths } from './link/host-paths.ts';
import { listGuestFolder } from './link/list-guest-folder.ts';
import { OutsideDoors } from './link/outside-doors.ts';
import type { PreferenceStore } from './link/preferences.ts';
import { createRouter } from './link/router.ts';
import { TerminalHost } from './link/terminal-host.ts';
import { TransferHost } from './link/transfer-host.ts';
import { deskOf } from './shell/desk.ts';
import { desktopProxy } from './shell/desktop-proxy.ts';
import { mayStopCopying, pickDestination, pickFiles, pickFolders, pickImageFile, saveText } from './shell/dialogs.ts';
import { serveWindow } from './shell/ipc-server.ts';
import { isOwnPage } from './shell/page.ts';
import { applyTheme } from './shell/theme.ts';

export interface ComposeOptions {
  readonly window: BrowserWindow;
  readonly preferences: PreferenceStore;
  readonly runDirectory: string;
  readonly cliPath: string | undefined;
  readonly clientName: string;
  readonly log: (text: string) => void;
}

/**
 * Where a person drops something says what it is for, and the page says where that was; to be written to is nothing
 * dropped, unless it is shared.
 */
const droppedFor = ['share', 'share-read-only', 'copy-in', 'import'] as const;

/**
 * Builds the links to the hosts, of which there is one, and puts them behind the window. Returns the way to end
 * everything, which takes a moment while something is copied.
 */
export function compose(options: ComposeOptions): () => Promise<void> {
  const { window, preferences, runDirectory, cliPath, clientName, log } = options;
  const links = new HostLinks({
    backends: new Map([[localHost, localBackend(runDirectory, clientName)]]),
    onMessage: (message) => hub.publish(message),
    log,
  });
  const hub = new EventHub(links.hosts);
  const doors = new OutsideDoors(deskOf(window));
  const terminals = new TerminalHost({ environment: process.env, cliPath, runDirectory });
  const openSftp = async (host: HostId, name: InstanceName, signal: AbortSignal): Promise<Duplex> =>
    await links.to(host).openSftp(name, signal);
  const copies = new TransferHost({
    openSftp,
    onChange: (transfers) => hub.publish({ kind: 'transfers', transfers }),
  });
  const appMethods = createAppMethods({
    doors,
    pickImageFile: async () => await pickImageFile(window),
    pickFolders: async () => await pickFolders(window),
    pickFiles: async () => await pickFiles(window),
    pickDestination: async () => await pickDestination(window),
    mountUsers: async (host, name, target) => (await mountUsers(links.to(host).connected(), name, target)) ?? [],
    listGuestFolder: async (host, params) =>
      await listGuestFolder({
        ...params,
        openSftp: async (name, signal) => await openSftp(host, name, signal),
      }),
    downloadsFolder: () => app.getPath('downloads'),
    desktopProxy,
    copies,
    saveText: async (name, text) => await saveText(window, name, text),
    copyText: (text) => clipboard.writeText(text),
    preferences: () => ({ theme: preferences.value.theme }),
    setTheme: (theme) => {
      applyTheme(theme);
      preferences.change({ theme });
    },
    openTerminal: async (size) => await terminals.open(size),
    resizeTerminal: (session, size) => terminals.resize(session, size),
  });
  const refusedFile = async (host: HostId, name: string, id: string): Promise<string | undefined> => {
    const { denials } = (await links.to(host).request('denials.list', { name })) as DenialList;
    return denials.find((each) => each.id === id)?.subject;
  };
  const router = createRouter({
    request: async (method, params, host) => await links.to(host).request(method, params),
    appMethods,
    admit: async (method, params, host) =>
      await admitHostPaths(doors, async (name, id) => await refusedFile(host, name, id), method, params),
  });
  const openStream = async (token: string, host: unknown): Promise<Duplex> =>
    terminals.claim(token) ?? (await links.to(host).openStream(token));
  serveWindow(window, { router, hub, openStream, givePath: (path) => doors.give(droppedFor, path), isOwnPage });
  askBeforeClosing(window, copies);
  links.start();
  return async () => {
    terminals.closeAll();
    await copies.stop();
    links.stop();
  };
}

/** A window that copies asks before it goes. */
function askBeforeClosing(window: BrowserWindow, copies: TransferHost): void {
  let isAgreed = false;
  window.on('close', (event) => {
    if (isAgreed || copies.runningCount === 0) return;
    event.preventDefault();
    void mayStopCopying(window, copies.runningCount).then((isAllowed) => {
      isAgreed = isAllowed;
      if (isAllowed) window.close();
    });
  });
}
