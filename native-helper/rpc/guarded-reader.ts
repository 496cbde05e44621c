// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { AbstractMessageReader, type DataCallback, type Disposable, type Message } from 'vscode-jsonrpc/node';
import { sentence } from '#messages/say.ts';
import { HelperError, toHelperError } from '../core/errors.ts';
import { FrameParser } from './frame-parser.ts';
import type { WireLimits } from './wire-limits.ts';

interface ReaderOptions {
  readonly limits: WireLimits;
  /** Passes on what the JSON-RPC library may see, with its length; undefined drops the message. */
  readonly admit: (message: unknown, bytes: number) => Message | undefined;
  /** More is kept of what came than before. */
  readonly onHeld: () => void;
  /** True while the client has not read its answers; nothing more is then read from it. */
  readonly isCongested: () => boolean;
  /** Does a piece of work when its turn among the users has come. */
  readonly takeTurn: (work: () => void) => void;
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
  /** When the message that has begun must be complete. */
  #deadlineAtMs: number | undefined;
  /** Of what was read, the messages that wait for their turn; nothing more is read before they are through. */
  #bodies: Iterator<Buffer> | undefined;
  #waitingBytes = 0;
  #hasTurnAhead = false;
  #isEnded = false;

  constructor(socket: Socket, options: ReaderOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    this.#parser = new FrameParser(options.limits);
  }

  /** What was read and is not passed on yet. */
  get heldBytes(): number {
    return this.#parser.heldBytes + this.#waitingBytes;
  }

  override listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer): void => this.#take(chunk, callback);
    const onDrain = (): void => this.#goOn(callback);
    const onClose = (): void => {
      this.#end();
      this.fireClose();
    };
    this.#socket.on('data', onData).on('drain', onDrain).on('close', onClose);
    return { dispose: () => this.#socket.off('data', onData).off('drain', onDrain).off('close', onClose) };
  }

  #take(chunk: Buffer, callback: DataCallback): void {
    if (this.#isEnded) return;
    this.#stopDeadline(); // our own slowness is not the client's
    this.#socket.pause();
    this.#bodies = this.#parser.push(chunk);
    this.#waitingBytes = chunk.length;
    this.#options.onHeld();
    this.#goOn(callback);
  }

  /** One message a turn, and none while answers wait to be read: what is not begun costs nothing. */
  #goOn(callback: DataCallback): void {
    if (this.#isEnded || this.#hasTurnAhead) return;
    if (this.#options.isCongested()) {
      this.#deadlineAtMs = undefined; // it is we who do not read
      return;
    }
    if (this.#bodies === undefined) return this.#resume();
    this.#hasTurnAhead = true;
    this.#options.takeTurn(() => {
      this.#hasTurnAhead = false;
      if (this.#isEnded || this.#options.isCongested()) return; // drained, it goes on
      this.#passOn(callback);
      this.#goOn(callback);
    });
  }

  #passOn(callback: DataCallback): void {
    try {
      const next = this.#bodies?.next();
      if (next === undefined || next.done === true) return this.#finish();
      this.#deadlineAtMs = undefined;
      this.#waitingBytes = Math.max(0, this.#waitingBytes - next.value.length);
      const message = this.#options.admit(this.#parse(next.value), next.value.length);
      if (message !== undefined) callback(message);
    } catch (error) {
      this.#violate(toHelperError(error));
    }
  }

  #finish(): void {
    this.#bodies = undefined;
    this.#waitingBytes = 0;
    if (this.#parser.isPartial) this.#options.onHeld();
  }

  #parse(body: Buffer): unknown {
    try {
      return JSON.parse(this.#decoder.decode(body));
    } catch (error) {
      throw new HelperError('request.invalid', { reason: sentence('request.not-json') }, { cause: error });
    }
  }

  #resume(): void {
    if (this.#deadline === undefined) this.#startDeadline();
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** The deadline is that of the message, so a client cannot stretch it by sending byte after byte. */
  #startDeadline(): void {
    if (!this.#parser.isPartial) return;
    const { messageTimeoutMs } = this.#options.limits;
    this.#deadlineAtMs ??= performance.now() + messageTimeoutMs;
    this.#deadline = setTimeout(
      () => {
        this.#violate(
          new HelperError('request.invalid', {
            reason: sentence('request.not-complete', { milliseconds: messageTimeoutMs }),
          }),
        );
      },
      Math.max(1, this.#deadlineAtMs - performance.now()),
    ).unref();
  }

  #stopDeadline(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }

  #violate(error: HelperError): void {
    if (this.#isEnded) return;
    this.#end();
    this.#options.onViolation(error);
  }

  #end(): void {
    this.#isEnded = true;
    this.#bodies = undefined;
    this.#waitingBytes = 0;
    this.#stopDeadline();
  }
}
