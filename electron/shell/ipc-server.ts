// SPDX-License-Identifier: MIT
import {
  ipcMain,
  MessageChannelMain,
  type BrowserWindow,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type MessagePortMain,
} from 'electron';
import type { Duplex } from 'node:stream';
import type { Envelope } from '#contract/desktop.ts';
import { say } from '#messages/say.ts';
import type { EventHub } from '../link/event-hub.ts';
import { failure } from '../link/error-data.ts';
import type { Router } from '../link/router.ts';
import { bridgeStream } from '../link/stream-bridge.ts';
import type { StreamPort } from '../link/stream-port.ts';
import { channels } from '../preload/channels.ts';

export interface IpcServerOptions {
  readonly router: Router;
  readonly hub: EventHub;
  /** Rejects where there is no such host. */
  readonly openStream: (token: string, host: unknown) => Promise<Duplex>;
  /** A person chose or dropped what lies there. */
  readonly givePath: (path: string) => void;
  /** True for a page of ours. */
  readonly isOwnPage: (url: string) => boolean;
}

/** Subscriptions and streams that one window may hold. */
const mostSubscriptions = 16;
const mostStreams = 64;

/**
 * The only user of ipcMain. Messages are taken from the main frame of the given window, showing a
 * page of ours, and from nobody else. Everything a window holds ends when it navigates or closes.
 */
export function serveWindow(window: BrowserWindow, options: IpcServerOptions): void {
  const { webContents } = window;
  const subscriptions = new Map<number, () => void>();
  const streams = new Set<AbortController>();
  const isOwn = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    event.sender === webContents &&
    event.senderFrame === webContents.mainFrame &&
    options.isOwnPage(event.senderFrame.url);

  const onRequest = async (
    event: IpcMainInvokeEvent,
    method: unknown,
    params: unknown,
    host: unknown,
  ): Promise<Envelope> => {
    if (!isOwn(event))
      return failure({ code: 'auth.denied', params: { uid: '?', action: say('desktop.refused.page') }, causes: [] });
    return await options.router(method, params, host);
  };
  const onSubscribe = (event: IpcMainEvent, subscription: unknown): void => {
    if (
      !isOwn(event) ||
      typeof subscription !== 'number' ||
      subscriptions.has(subscription) ||
      subscriptions.size >= mostSubscriptions
    )
      return;
    subscriptions.set(
      subscription,
      options.hub.subscribe((message) => {
        if (!webContents.isDestroyed()) webContents.send(channels.message, subscription, message);
      }),
    );
  };
  const onUnsubscribe = (event: IpcMainEvent, subscription: unknown): void => {
    if (!isOwn(event) || typeof subscription !== 'number') return;
    subscriptions.get(subscription)?.();
    subscriptions.delete(subscription);
  };
  const onGivePath = (event: IpcMainEvent, path: unknown): void => {
    if (isOwn(event) && typeof path === 'string') options.givePath(path);
  };
  const onOpenStream = (event: IpcMainEvent, token: unknown, id: unknown, host: unknown): void => {
    if (!isOwn(event) || typeof token !== 'string' || typeof id !== 'string' || id.length > 100) return;
    const { port1, port2 } = new MessageChannelMain();
    webContents.postMessage(channels.stream, id, [port1]);
    const over = new AbortController();
    const port = streamPort(port2, over);
    if (streams.size >= mostStreams) {
      refuse(port, say('desktop.refused.too-many-streams', { most: mostStreams }));
      return;
    }
    streams.add(over);
    over.signal.addEventListener('abort', () => streams.delete(over));
    void connectStream(options.openStream(token, host), port, over.signal);
  };

  const forget = (): void => {
    for (const stop of subscriptions.values()) stop();
    subscriptions.clear();
    for (const over of streams) over.abort();
  };
  ipcMain.handle(channels.request, onRequest);
  ipcMain.on(channels.subscribe, onSubscribe);
  ipcMain.on(channels.unsubscribe, onUnsubscribe);
  ipcMain.on(channels.givePath, onGivePath);
  ipcMain.on(channels.openStream, onOpenStream);
  webContents.on('did-navigate', forget);
  webContents.on('render-process-gone', forget);
  window.once('closed', () => {
    forget();
    ipcMain.removeHandler(channels.request);
    ipcMain.off(channels.subscribe, onSubscribe);
    ipcMain.off(channels.unsubscribe, onUnsubscribe);
    ipcMain.off(channels.givePath, onGivePath);
    ipcMain.off(channels.openStream, onOpenStream);
  });
}

async function connectStream(opening: Promise<Duplex>, port: StreamPort, over: AbortSignal): Promise<void> {
  try {
    const stream = await opening;
    if (over.aborted) stream.destroy();
    else bridgeStream(stream, port);
  } catch (error) {
    refuse(port, error instanceof Error ? error.message : String(error));
  }
}

function refuse(port: StreamPort, reason: string): void {
  port.post({ kind: 'failed', reason });
  port.close();
}

/** The port for the bridge; aborting `over` closes it, and its close aborts `over`. */
function streamPort(port: MessagePortMain, over: AbortController): StreamPort {
  const closed: (() => void)[] = [() => over.abort()];
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    port.close();
    for (const listener of closed) listener();
  };
  port.on('close', close);
  over.signal.addEventListener('abort', close);
  return {
    post: (message) => {
      if (!isClosed) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => {
      if (isClosed) listener();
      else closed.push(listener);
    },
    close,
  };
}
