// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from 'vscode-jsonrpc/node';
import { HelperError, toHelperError } from '../core/errors.ts';
import { FrameParser } from './frame-parser.ts';
import type { WireLimits } from './wire-limits.ts';

interface ReaderOptions {
  readonly limits: WireLimits;
  /** Passes on what the JSON-RPC library may see; undefined drops the message. */
  readonly admit: (message: unknown) => Message | undefined;
  /** True while the client has not read its answers; nothing more is then read from it. */
  readonly isCongested: () => boolean;
  /** The stream cannot be understood any more. Called once. */
  readonly onViolation: (error: HelperError) => void;
}

/**
 * Reads JSON-RPC messages from a client that may be broken or hostile: sizes, times and encoding
 * are bounded before the JSON-RPC library sees anything.
 */
export class GuardedReader extends AbstractMessageReader {
  readonly #socket: Socket;
  readonly #options: ReaderOptions;
  readonly #parser: FrameParser;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #deadline: NodeJS.Timeout | undefined;
  #isViolated = false;

  constructor(socket: Socket, options: ReaderOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#parser = new FrameParser(options.limits);
  }

  override listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer): void => this.#read(chunk, callback);
    const onDrain = (): void => this.#resume();
    const onClose = (): void => {
      this.#stopDeadline();
      this.fireClose();
    };
    this.#socket.on('data', onData).on('drain', onDrain).on('close', onClose);
    return { dispose: () => this.#socket.off('data', onData).off('drain', onDrain).off('close', onClose) };
  }

  #read(chunk: Buffer, callback: DataCallback): void {
    if (this.#isViolated) return;
    this.#stopDeadlineOfCompleted();
    try {
      for (const body of this.#parser.push(chunk)) {
        this.#stopDeadline();
        const message = this.#options.admit(this.#parse(body));
        if (message !== undefined) callback(message);
      }
    } catch (error) {
      return this.#violate(toHelperError(error));
    }
    if (this.#options.isCongested()) this.#pause();
    else this.#startDeadline();
  }

  #parse(body: Buffer): unknown {
    try {
      return JSON.parse(this.#decoder.decode(body));
    } catch (error) {
      throw new HelperError('request.invalid', { reason: 'the message is not JSON in UTF-8' }, { cause: error });
    }
  }

  #pause(): void {
    this.#stopDeadline();
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#socket.isPaused() || this.#options.isCongested()) return;
    this.#startDeadline();
    this.#socket.resume();
  }

  /** The deadline is that of the message, so a client cannot stretch it by sending byte after byte. */
  #startDeadline(): void {
    if (!this.#parser.isPartial || this.#deadline !== undefined) return;
    const { messageTimeoutMs } = this.#options.limits;
    this.#deadline = setTimeout(() => {
      this.#violate(new HelperError('request.invalid', { reason: `the message was not complete within ${messageTimeoutMs} ms` }));
    }, messageTimeoutMs).unref();
  }

  #stopDeadlineOfCompleted(): void {
    if (!this.#parser.isPartial) this.#stopDeadline();
  }

  #stopDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #violate(error: HelperError): void {
    if (this.#isViolated) return;
    this.#isViolated = true;
    this.#stopDeadline();
    this.#options.onViolation(error);
  }
}
