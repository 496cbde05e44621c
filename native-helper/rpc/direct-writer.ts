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
  /** The client does not read what it asked for. */
  readonly onOverflow: () => void;
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
    this.#socket.write(this.#encode(message));
    if (this.#socket.writableLength > this.#options.limits.bufferedBytes) this.#options.onOverflow();
  }

  end(): void {
    this.#socket.end();
  }

  #encode(message: Message): string {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    const { messageBytes } = this.#options.limits;
    if (bytes <= messageBytes || !Message.isResponse(message)) return `Content-Length: ${bytes}\r\n\r\n${text}`;
    const error = toRpcError(new HelperError('request.too-large', { bytes, limit: messageBytes })).toJson();
    return this.#encode({ jsonrpc: '2.0', id: message.id, error } as ResponseMessage);
  }
}
