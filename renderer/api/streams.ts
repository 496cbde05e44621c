// SPDX-License-Identifier: MIT
import type { HostId } from '#contract/hosts.ts';
import type { StreamMessage, StreamOpened } from '#contract/desktop.ts';
import type { TerminalStream } from '../lib/terminal-stream.ts';

const waiting = new Map<string, (port: MessagePort) => void>();
let isListening = false;
let lastId = 0;

/**
 * Opens the stream of a token that a request to the host, or to the desktop program, just gave. The token is good for
 * ten seconds, once.
 */
export async function openStream(token: string, host?: HostId): Promise<TerminalStream> {
  listenForPorts();
  lastId += 1;
  const id = `stream-${lastId}`;
  const port = await new Promise<MessagePort>((resolve) => {
    waiting.set(id, resolve);
    window.berth.openStream(token, id, host);
  });
  return streamOf(port);
}

function listenForPorts(): void {
  if (isListening) return;
  isListening = true;
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window || !isStreamOpened(event.data)) return;
    const port = event.ports[0];
    if (port === undefined) return;
    waiting.get(event.data.berthStream)?.(port);
    waiting.delete(event.data.berthStream);
  });
}

function isStreamOpened(data: unknown): data is StreamOpened {
  return typeof data === 'object' && data !== null && 'berthStream' in data && typeof data.berthStream === 'string';
}

function streamOf(port: MessagePort): TerminalStream {
  const post = (message: StreamMessage): void => port.postMessage(message);
  return {
    listen(listener) {
      port.onmessage = ({ data: message }: MessageEvent<StreamMessage>) => {
        switch (message.kind) {
          case 'data':
            return listener.data(message.bytes, (bytes) => post({ kind: 'ack', bytes }));
          case 'end':
            return listener.end();
          case 'failed':
            return listener.end(message.reason);
          case 'ack':
            return undefined;
          default:
            return message satisfies never;
        }
      };
      port.start();
    },
    write: (bytes) => post({ kind: 'data', bytes }),
    close: () => {
      post({ kind: 'end' });
      port.close();
    },
  };
}
