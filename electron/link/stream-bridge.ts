// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { say } from '#messages/say.ts';
import { streamMessage, type StreamPort } from './stream-port.ts';

/** Flow control, measured for xterm.js: large messages, a small window. */
export const streamLimits = {
  /** Largest message to the window. */
  messageBytes: 256 * 1024,
  /** Bytes on the way to the window before the source is left unread. */
  windowBytes: 1024 * 1024,
  /** Bytes from the window that may wait for the source; beyond, the window broke the rules. */
  inputBytes: 2 * 1024 * 1024,
} as const;

/**
 * Couples a byte stream with a window's port until either ends. Towards the window the stream is
 * read only while fewer than `windowBytes` are unacknowledged; from the window each message is
 * acknowledged when the stream has taken it. The stream and the port are both ended here.
 */
export function bridgeStream(stream: Duplex, port: StreamPort): void {
  new StreamBridge(stream, port).begin();
}

class StreamBridge {
  readonly #stream: Duplex;
  readonly #port: StreamPort;
  #unacknowledgedBytes = 0;
  #waitingInputBytes = 0;
  #isOver = false;

  constructor(stream: Duplex, port: StreamPort) {
    this.#stream = stream;
    this.#port = port;
  }

  begin(): void {
    const stream = this.#stream;
    this.#port.onMessage((message) => this.#receive(message));
    // The window went away without a word: nobody reads on, so the stream is cut.
    this.#port.onClose(() => this.#finish());
    stream.on('readable', () => this.#pump());
    stream.on('end', () => {
      this.#post({ kind: 'end' });
      this.#finish();
    });
    stream.on('error', (error) => this.#fail(error.message));
    stream.on('close', () => this.#fail(say('desktop.stream.cut')));
  }

  /** Sends what is there while the window has room; what stays unread holds the source back. */
  #pump(): void {
    while (!this.#isOver && this.#unacknowledgedBytes < streamLimits.windowBytes) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk === null) return;
      for (let start = 0; start < chunk.length; start += streamLimits.messageBytes) {
        // A copy of its own: a view would take its whole pooled buffer along through the clone.
        const bytes = new Uint8Array(chunk.subarray(start, start + streamLimits.messageBytes));
        this.#unacknowledgedBytes += bytes.length;
        this.#post({ kind: 'data', bytes });
      }
    }
  }

  #receive(raw: unknown): void {
    if (this.#isOver) return;
    const message = streamMessage.safeParse(raw);
    if (!message.success) {
      this.#fail(say('desktop.stream.no-message'));
      return;
    }
    switch (message.data.kind) {
      case 'data':
        this.#write(message.data.bytes);
        break;
      case 'ack':
        this.#unacknowledgedBytes = Math.max(0, this.#unacknowledgedBytes - message.data.bytes);
        this.#pump();
        break;
      case 'end':
        this.#stream.end();
        break;
      case 'failed':
        this.#finish();
        break;
      default:
        message.data satisfies never;
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#waitingInputBytes + bytes.length > streamLimits.inputBytes) {
      this.#fail(say('desktop.stream.too-much'));
      return;
    }
    if (!this.#stream.writable) return;
    this.#waitingInputBytes += bytes.length;
    this.#stream.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), (error) => {
      this.#waitingInputBytes -= bytes.length;
      if (!error) this.#post({ kind: 'ack', bytes: bytes.length });
    });
  }

  #fail(reason: string): void {
    this.#post({ kind: 'failed', reason });
    this.#finish();
  }

  #post(message: Parameters<StreamPort['post']>[0]): void {
    if (!this.#isOver) this.#port.post(message);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.destroy();
    this.#port.close();
  }
}
