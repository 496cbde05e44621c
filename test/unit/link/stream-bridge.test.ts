// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { StreamMessage } from '#contract/desktop.ts';
import { bridgeStream, streamLimits } from '../../../electron/link/stream-bridge.ts';
import type { StreamPort } from '../../../electron/link/stream-port.ts';

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function nodePort(port: MessagePort): StreamPort {
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', listener),
    onClose: (listener) => port.on('close', listener),
    close: () => port.close(),
  };
}

/** The window's side of a bridged stream: it records, and acknowledges only when told to. */
function bridged(stream: Duplex): {
  window: MessagePort;
  messages: StreamMessage[];
  until: (condition: () => boolean) => Promise<void>;
} {
  const { port1, port2 } = new MessageChannel();
  open.push(port1);
  const messages: StreamMessage[] = [];
  port1.on('message', (message: StreamMessage) => messages.push(message));
  bridgeStream(stream, nodePort(port2));
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await turn();
  };
  return { window: port1, messages, until };
}

function receivedBytes(messages: readonly StreamMessage[]): number {
  return messages.reduce((sum, message) => sum + (message.kind === 'data' ? message.bytes.length : 0), 0);
}

/** A source that gives as fast as it is asked and counts what it gave. */
class FastSource extends Duplex {
  givenBytes = 0;
  readonly #totalBytes: number;

  constructor(totalBytes: number) {
    super();
    this.#totalBytes = totalBytes;
  }

  override _read(): void {
    const bytes = Math.min(64 * 1024, this.#totalBytes - this.givenBytes);
    this.givenBytes += bytes;
    this.push(bytes === 0 ? null : Buffer.alloc(bytes, this.givenBytes / (64 * 1024)));
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    callback();
  }
}

describe('stream bridge', () => {
  test('passes bytes both ways and acknowledges what the stream took', async () => {
    const source = new PassThrough();
    const { window, messages, until } = bridged(source);
    window.postMessage({ kind: 'data', bytes: Buffer.from('hello') });
    await until(() => receivedBytes(messages) === 5);
    expect(messages).toContainEqual({ kind: 'ack', bytes: 5 });
    expect(messages).toContainEqual({ kind: 'data', bytes: new Uint8Array(Buffer.from('hello')) });
  });

  test('leaves a fast source unread while the window does not acknowledge', async () => {
    const totalBytes = 32 * 1024 * 1024;
    const source = new FastSource(totalBytes);
    const { window, messages, until } = bridged(source);
    await until(() => receivedBytes(messages) >= streamLimits.windowBytes);
    for (let index = 0; index < 200; index += 1) await turn();
    const roomBytes = streamLimits.windowBytes + 2 * 64 * 1024;
    expect(receivedBytes(messages)).toBeLessThanOrEqual(roomBytes);
    expect(source.givenBytes).toBeLessThanOrEqual(roomBytes + source.readableHighWaterMark);

    let acknowledged = 0;
    while (!messages.some((message) => message.kind === 'end')) {
      const bytes = receivedBytes(messages) - acknowledged;
      acknowledged += bytes;
      if (bytes > 0) window.postMessage({ kind: 'ack', bytes });
      await turn();
      expect(source.givenBytes - acknowledged).toBeLessThanOrEqual(2 * roomBytes);
    }
    expect(receivedBytes(messages)).toBe(totalBytes);
    const largest = Math.max(...messages.map((message) => (message.kind === 'data' ? message.bytes.length : 0)));
    expect(largest).toBeLessThanOrEqual(streamLimits.messageBytes);
  });

  test('says the end after the last byte, then lets go of the port', async () => {
    const source = new PassThrough();
    const { window, messages } = bridged(source);
    const closed = once(window, 'close');
    source.end('bye');
    await closed;
    expect(messages.map((message) => message.kind)).toEqual(['data', 'end']);
    expect(source.destroyed).toBe(true);
  });

  test('says why a stream broke', async () => {
    const source = new PassThrough();
    const { window, messages } = bridged(source);
    const closed = once(window, 'close');
    source.destroy(new Error('read ECONNRESET'));
    await closed;
    expect(messages).toEqual([{ kind: 'failed', reason: 'read ECONNRESET' }]);
  });

  test('tells a cut from an end', async () => {
    const source = new PassThrough();
    const { window, messages } = bridged(source);
    const closed = once(window, 'close');
    source.destroy();
    await closed;
    expect(messages).toEqual([{ kind: 'failed', reason: 'the connection was cut' }]);
  });

  test('cuts the stream when the window closes its port', async () => {
    const source = new FastSource(Number.MAX_SAFE_INTEGER);
    const { window } = bridged(source);
    const closed = once(source, 'close');
    window.close();
    await closed;
    expect(source.destroyed).toBe(true);
  });

  test("ends the stream's input at the window's end and reads on", async () => {
    const source = new PassThrough({ allowHalfOpen: true });
    const { window, messages, until } = bridged(source);
    window.postMessage({ kind: 'data', bytes: new Uint8Array([1, 2, 3]) });
    window.postMessage({ kind: 'end' });
    await until(() => messages.some((message) => message.kind === 'end'));
    expect(receivedBytes(messages)).toBe(3);
  });

  test('does not hold input without bound for a stream that takes none', async () => {
    const stuck = new Duplex({ read() {}, write() {} });
    const { window, messages } = bridged(stuck);
    const closed = once(window, 'close');
    for (let sent = 0; sent <= streamLimits.inputBytes; sent += 256 * 1024)
      window.postMessage({ kind: 'data', bytes: new Uint8Array(256 * 1024) });
    await closed;
    expect(messages).toEqual([{ kind: 'failed', reason: 'the window sent more than the stream takes' }]);
    expect(stuck.destroyed).toBe(true);
  });

  test.each([undefined, 'data', { kind: 'data', bytes: 'text' }, { kind: 'ack', bytes: -1 }, { kind: 'more' }])(
    'gives up on %j',
    async (message) => {
      const source = new PassThrough();
      const { window } = bridged(source);
      const closed = once(source, 'close');
      window.postMessage(message);
      await closed;
    },
  );
});
