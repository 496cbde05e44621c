// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import {
  CancellationTokenSource,
  createMessageConnection,
  Message,
  NullLogger,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import { helperErrorData } from '#contract/errors.ts';
import { helperEvent, type HelperEvent } from '#contract/events.ts';
import type { Feature } from '#contract/features.ts';
import { methods } from '#contract/methods.ts';
import {
  eventNotification,
  limits,
  socketNames,
  type MethodName,
  type MethodParams,
  type MethodResult,
} from '#contract/protocol.ts';
import { say } from '#messages/say.ts';
import { unreachable } from './connect-socket.ts';
import { HelperCallError } from './helper-call-error.ts';
import type { HelperConnection, RequestOptions } from './helper-connection.ts';
import { openStream } from './open-stream.ts';

type Hello = MethodResult<'system.hello'>;

/** {@link HelperConnection} over a connected socket. */
export class SocketConnection implements HelperConnection {
  readonly runDirectory: string;
  readonly #socket: Socket;
  readonly #rpc: MessageConnection;
  readonly #eventListeners = new Set<(event: HelperEvent) => void>();
  readonly #closeListeners = new Set<(reason: HelperCallError) => void>();
  #hello: Hello | undefined;
  /** What the helper said before it closed, or what broke. */
  #lastError: HelperCallError | undefined;
  #closeReason: HelperCallError | undefined;

  constructor(socket: Socket, runDirectory: string) {
    this.runDirectory = runDirectory;
    this.#socket = socket;
    this.#rpc = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket), NullLogger, {
      messageStrategy: { handleMessage: (message, next) => (this.#noteRefusal(message) ? undefined : next(message)) },
    });
    this.#rpc.onNotification(eventNotification, (params: unknown) => this.#onEvent(params));
    socket.on('error', (error) => {
      this.#lastError ??= unreachable(this.#path, error);
    });
    socket.once('end', () => socket.destroy());
    socket.once('close', () => this.#onClose());
    this.#rpc.onError(() => socket.destroy());
    this.#rpc.listen();
  }

  get bootId(): string {
    return this.#hello?.bootId ?? '';
  }

  get helperVersion(): string {
    return this.#hello?.version ?? '';
  }

  has(feature: Feature): boolean {
    return this.#hello?.features?.includes(feature) === true;
  }

  /** Keeps what the helper answered to `system.hello`. */
  greeted(hello: Hello): void {
    this.#hello = hello;
  }

  async request<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: RequestOptions = {},
  ): Promise<MethodResult<M>> {
    if (this.#closeReason !== undefined) throw this.#closeReason;
    if (options.signal?.aborted) throw HelperCallError.of('request.cancelled', {});
    const bytes = Buffer.byteLength(JSON.stringify(params));
    if (bytes > limits.messageBytes - limits.headerBytes)
      throw HelperCallError.of('request.too-large', { bytes, limit: limits.messageBytes });
    return this.#parse(method, await this.#ask(method, params, options.signal));
  }

  onEvent(listener: (event: HelperEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onClose(listener: (reason: HelperCallError) => void): () => void {
    const reason = this.#closeReason;
    if (reason !== undefined) queueMicrotask(() => listener(reason));
    else this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  openStream(token: string, options: RequestOptions = {}): Promise<Socket> {
    return openStream(`${this.runDirectory}/${socketNames.stream}`, token, options.signal);
  }

  close(): void {
    this.#lastError ??= this.#lost(say('client.connection.closed-here'));
    this.#socket.destroy();
    this.#onClose();
  }

  get #path(): string {
    return `${this.runDirectory}/${socketNames.rpc}`;
  }

  async #ask(method: string, params: object, signal: AbortSignal | undefined): Promise<unknown> {
    const cancellation = new CancellationTokenSource();
    const withdrawn = Promise.withResolvers<never>();
    const onAbort = (): void => {
      cancellation.cancel();
      withdrawn.reject(HelperCallError.of('request.cancelled', {}, signal?.reason));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const answer = this.#rpc.sendRequest(method, params, cancellation.token);
      answer.catch(() => undefined); // after a withdrawal nobody waits for it
      return await Promise.race([answer, withdrawn.promise]);
    } catch (error) {
      throw this.#toCallError(error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #parse<M extends MethodName>(method: M, answer: unknown): MethodResult<M> {
    const schema: z.ZodType = methods[method].result;
    const result = schema.safeParse(answer);
    if (!result.success)
      throw HelperCallError.of(
        'internal.bug',
        { reason: `the helper's answer to ${method} is not understood` },
        result.error,
      );
    return result.data as MethodResult<M>;
  }

  #toCallError(error: unknown): HelperCallError {
    if (error instanceof HelperCallError) return error;
    const data = helperErrorData.safeParse(error instanceof ResponseError ? error.data : undefined);
    if (data.success) return new HelperCallError(data.data, error);
    return this.#closeReason ?? this.#lastError ?? this.#lost(undefined, error);
  }

  /** An error without an id is the helper's last word on this connection. */
  #noteRefusal(message: Message): boolean {
    if (!Message.isResponse(message) || message.id !== null) return false;
    const data = helperErrorData.safeParse(message.error?.data);
    if (data.success) this.#lastError = new HelperCallError(data.data);
    return true;
  }

  #onEvent(params: unknown): void {
    // An event of a kind that only a newer helper knows is none for this client.
    const event = helperEvent.safeParse(params);
    if (event.success) for (const listener of this.#eventListeners) listener(event.data);
  }

  #onClose(): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = this.#lastError ?? this.#lost();
    this.#rpc.dispose();
    for (const listener of this.#closeListeners) listener(this.#closeReason);
    this.#closeListeners.clear();
  }

  #lost(reason = say('client.connection.lost'), cause?: unknown): HelperCallError {
    return HelperCallError.of('helper.unreachable', { path: this.#path, reason, errno: 'ELOST' }, cause);
  }
}
