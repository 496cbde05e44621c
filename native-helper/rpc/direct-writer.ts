// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { AbstractMessageWriter, Message, type MessageWriter, type ResponseMessage } from 'vscode-jsonrpc/node';
import { HelperError } from '../core/errors.ts';
import { toRpcError } from './rpc-error.ts';
import type { WireLimits } from './wire-limits.ts';

interface WriterOptions {
  readonly limits: WireLimits;
  /** The response to an admitted request has been handed to the socket. */
  readonly onResponse: (response: ResponseMessage) => void;
  /** An event of ours is larger than a message may be: it was not sent. */
  readonly onTooLarge: (bytes: number) => void;
  /** The client does not read what it asked for. */
  readonly onOverflow: () => void;
  /** More waits to be read than before. */
  readonly onHeld: () => void;
}

/**
 * Writes each message at once and whole, so that `socket.writableLength` tells what the client has
 * not read. The library's own writer keeps waiting messages in a queue nobody can see.
 */
export class DirectWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: Socket;
  readonly #options: WriterOptions;

  constructor(socket: Socket, options: WriterOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    socket.on('close', () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    this.send(message);
    if (Message.isResponse(message)) this.#options.onResponse(message);
    return Promise.resolve();
  }

  /** Writes past the library, which knows nothing of the message's request. */
  send(message: Message): void {
    if (!this.#socket.writable) return;
    const text = this.#encode(message);
    if (text === undefined) return;
    this.#socket.write(text);
    if (this.#socket.writableLength > this.#options.limits.bufferedBytes) this.#options.onOverflow();
    else if (this.#socket.writableLength > 0) this.#options.onHeld();
  }

  end(): void {
    this.#socket.end();
  }

  /**
   * The error in the place of an answer that is too large; nothing in that of an event, which would end the connection
   * of everybody who is told.
   */
  #encode(message: Message): string | undefined {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    const { messageBytes } = this.#options.limits;
    if (bytes <= messageBytes) return `Content-Length: ${bytes}\r\n\r\n${text}`;
    if (!Message.isResponse(message)) {
      this.#options.onTooLarge(bytes);
      return undefined;
    }
    const error = toRpcError(new HelperError('request.too-large', { bytes, limit: messageBytes })).toJson();
    return this.#encode({ jsonrpc: '2.0', id: message.id, error } as ResponseMessage);
  }
}
