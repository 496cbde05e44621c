// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  CancellationSenderStrategy,
  createMessageConnection,
  NullLogger,
  type CancellationToken,
  type Message,
  type MessageConnection,
  type RequestMessage,
  type ResponseMessage,
} from 'vscode-jsonrpc/node';
import { features } from '#contract/features.ts';
import { methods } from '#contract/methods.ts';
import { protocolVersion, type MethodName } from '#contract/protocol.ts';
import { sentence } from '#messages/say.ts';
import type { QuotaFile } from '../confinement/administrator/quotas.ts';
import { HelperError, messageOf, toHelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import { DirectWriter } from './direct-writer.ts';
import type { EventSink } from '../events/event-sink.ts';
import { GuardedReader } from './guarded-reader.ts';
import type { Call, HandledMethod, Handlers } from './handlers.ts';
import { invalidParams } from './invalid-params.ts';
import { PendingRequest } from './pending-request.ts';
import { toRpcError } from './rpc-error.ts';
import type { StreamBroker } from './stream-broker.ts';
import type { Holder, UserAccount } from './user-account.ts';
import type { WireLimits } from './wire-limits.ts';

export interface ConnectionServices {
  readonly version: string;
  readonly bootId: string;
  readonly handlers: Handlers;
  readonly streams: StreamBroker;
  readonly log: Logger;
  readonly limits: WireLimits;
  readonly quotas?: QuotaFile;
  /** Checks what handlers return against the contract: for development and tests. */
  readonly validateResults: boolean;
}

type RequestId = string | number;

/** One client's JSON-RPC connection: from its first byte to its end, whatever it sends. */
export class RpcConnection implements EventSink, Holder {
  readonly actor: Actor;
  readonly #socket: Socket;
  readonly #services: ConnectionServices;
  readonly #log: Logger;
  readonly #account: UserAccount;
  readonly #reader: GuardedReader;
  readonly #writer: DirectWriter;
  readonly #rpc: MessageConnection;
  readonly #closing = new AbortController();
  /** By id; the library knows an id by its text only. */
  readonly #pending = new Map<string, PendingRequest>();
  /** Of the requests under way. */
  #requestBytes = 0;
  /** Requests that are answered one after the other while the client does not read. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopWatching: (() => void) | undefined;
  #helloTimer: NodeJS.Timeout | undefined;
  #isGreeted = false;

  constructor(socket: Socket, actor: Actor, account: UserAccount, services: ConnectionServices) {
    this.actor = actor;
    this.#account = account;
    this.#socket = socket;
    this.#services = services;
    this.#log = services.log.child({ uid: actor.uid, pid: actor.pid });
    const { limits } = services;
    this.#writer = new DirectWriter(socket, {
      limits,
      onResponse: (response) => this.#onResponse(response),
      onTooLarge: (bytes) => this.#log.error({ bytes }, 'an event was too large to be sent'),
      onOverflow: () => this.cutOff('it does not read its answers'),
      onHeld: () => account.settle(),
    });
    this.#reader = new GuardedReader(socket, {
      limits,
      admit: (message, bytes) => this.#admit(message, bytes),
      isCongested: () => this.isCongested,
      onViolation: (error) => this.#refuse(error),
      onHeld: () => account.settle(),
      takeTurn: (work) => account.takeTurn(work),
    });
    account.join(this);
    this.#rpc = createMessageConnection(this.#reader, this.#writer, NullLogger, {
      cancellationStrategy: {
        receiver: { kind: 'request', createCancellationTokenSource: (request) => this.#pendingFor(request) },
        sender: CancellationSenderStrategy.Message,
      },
    });
    this.#rpc.onRequest((method: string, params: unknown, token: CancellationToken) =>
      this.#answer(method, params, token as PendingRequest),
    );
    socket.on('error', (error) => this.#log.debug({ err: error }, 'connection failed'));
    socket.once('close', () => this.#onClose());
    this.#helloTimer = setTimeout(
      () => this.#refuse(new HelperError('request.invalid', { reason: sentence('request.no-hello') })),
      limits.helloTimeoutMs,
    ).unref();
    this.#rpc.listen();
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get isCongested(): boolean {
    return this.#socket.writableLength > this.#services.limits.congestedBytes;
  }

  get heldBytes(): number {
    return this.#socket.writableLength + this.#requestBytes + this.#reader.heldBytes;
  }

  giveUp(error: HelperError): void {
    this.cutOff(error.message);
  }

  notify(method: string, params: object): void {
    if (this.closed.aborted) return;
    this.#writer.send({ jsonrpc: '2.0', method, params } as Message);
  }

  onDrain(listener: () => void): () => void {
    this.#socket.on('drain', listener);
    return () => this.#socket.off('drain', listener);
  }

  cutOff(reason: string): void {
    this.#log.warn({ reason }, 'connection cut off');
    this.#socket.destroy();
  }

  /** Lets go of the client: what it waits for is withdrawn, what it started goes on. */
  close(): void {
    this.#socket.destroy();
  }

  #onClose(): void {
    clearTimeout(this.#helloTimer);
    this.#closing.abort();
    for (const request of this.#pending.values()) request.abandon(() => this.#account.keep(request.bytes));
    this.#pending.clear();
    this.#stopWatching?.();
    this.#account.leave(this);
    this.#rpc.dispose();
  }

  /** Says why, where the client can still read it, and ends the connection. */
  #refuse(error: HelperError): void {
    this.#log.info({ code: error.code, reason: error.message }, 'connection refused');
    this.#replyError(null, error);
    // Ended without reading on, the kernel would throw away our answer with the client's unread bytes.
    this.#socket.resume();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), this.#services.limits.lingerMs).unref();
  }

  // ---- admission: before the library sees a message --------------------------------------------

  #admit(message: unknown, bytes: number): Message | undefined {
    if (!isRecord(message) || typeof message['method'] !== 'string') return this.#admitOther(message);
    if (message['id'] === undefined) return this.#admitNotification(message);
    const { id } = message;
    if (!isRequestId(id))
      return this.#replyError(null, new HelperError('request.invalid', { reason: sentence('request.id-type') }));
    if (this.#pending.has(String(id)))
      return this.#replyError(id, new HelperError('request.invalid', { reason: sentence('request.id-used') }));
    const { requestsPerConnection } = this.#services.limits;
    if (this.#pending.size >= requestsPerConnection)
      return this.#replyError(id, new HelperError('helper.busy', { limit: requestsPerConnection }));
    try {
      this.#pending.set(String(id), new PendingRequest(bytes, this.#account.enter('max_requests')));
    } catch (error) {
      return this.#replyError(id, toHelperError(error));
    }
    this.#requestBytes += bytes;
    this.#account.settle();
    return message as unknown as RequestMessage;
  }

  /** Only the withdrawal of a request under way means anything. */
  #admitNotification(message: Record<string, unknown>): Message | undefined {
    const params = message['params'];
    const isKnown =
      message['method'] === '$/cancelRequest' &&
      isRecord(params) &&
      isRequestId(params['id']) &&
      this.#pending.has(String(params['id']));
    return isKnown ? (message as unknown as Message) : undefined;
  }

  /** We ask clients nothing, so an answer is none of ours; anything else is no JSON-RPC 2.0. */
  #admitOther(message: unknown): undefined {
    if (isRecord(message) && ('result' in message || 'error' in message)) return undefined;
    const id = isRecord(message) && isRequestId(message['id']) ? message['id'] : null;
    return this.#replyError(id, new HelperError('request.invalid', { reason: sentence('request.no-json-rpc') }));
  }

  #replyError(id: RequestId | null, error: HelperError): undefined {
    this.#writer.send({ jsonrpc: '2.0', id, error: toRpcError(error).toJson() } as ResponseMessage);
    return undefined;
  }

  #pendingFor(request: RequestMessage): PendingRequest {
    return this.#pending.get(String(request.id)) ?? new PendingRequest();
  }

  #onResponse(response: ResponseMessage): void {
    const key = String(response.id);
    const request = this.#pending.get(key);
    this.#pending.delete(key);
    if (request !== undefined) this.#requestBytes -= request.bytes;
    request?.leave();
    request?.replied(response.error === undefined);
  }

  // ---- requests --------------------------------------------------------------------------------

  async #answer(method: string, params: unknown, request: PendingRequest): Promise<unknown> {
    request.begin();
    try {
      return await this.#dispatch(method, params ?? {}, request);
    } catch (error) {
      throw toRpcError(this.#classify(error, method, request.signal));
    } finally {
      if (this.closed.aborted) request.leave(); // no answer will do it
    }
  }

  #dispatch(method: string, params: unknown, request: PendingRequest): unknown {
    if (!isMethod(method)) throw new HelperError('request.unsupported', { method: method.slice(0, 100) });
    if (!this.#isGreeted && method !== 'system.hello')
      throw new HelperError('request.invalid', { reason: sentence('request.hello-first') });
    const parsed = methods[method].params.safeParse(params);
    if (!parsed.success) throw invalidParams(parsed.error);
    if (method === 'system.hello') return this.#greet(parsed.data as { protocol: number });
    return this.#inTurn(method, request.signal, async () => await this.#handle(method, parsed.data, request));
  }

  /**
   * What waits for something has a place among those who do. Everything else is answered one after the other while the
   * client does not read: what is not made yet takes no memory.
   */
  async #inTurn(method: HandledMethod, signal: AbortSignal, answer: () => Promise<unknown>): Promise<unknown> {
    if (waiting.has(method)) {
      using _ = disposable(this.#account.enter('max_watchers'));
      return await answer();
    }
    if (method === 'events.subscribe') this.#stopWatching ??= this.#account.enter('max_watchers');
    if (!this.isCongested) return await answer();
    const turn = this.#turn.then(async () => {
      while (this.isCongested) await once(this.#socket, 'drain', { signal: AbortSignal.any([signal, this.closed]) });
      return await answer();
    });
    this.#turn = turn.catch(() => undefined); // whoever asked is told
    return await turn;
  }

  async #greet(params: { readonly protocol: number }): Promise<unknown> {
    if (params.protocol !== protocolVersion)
      throw new HelperError('helper.version-mismatch', { helper: protocolVersion, client: params.protocol });
    clearTimeout(this.#helloTimer);
    this.#isGreeted = true;
    await this.#services.quotas?.refresh();
    return { protocol: protocolVersion, version: this.#services.version, bootId: this.#services.bootId, features };
  }

  async #handle(method: HandledMethod, params: unknown, request: PendingRequest): Promise<unknown> {
    request.signal.throwIfAborted(); // withdrawn before its turn came
    const call: Call = {
      actor: this.actor,
      signal: request.signal,
      connection: this,
      streams: this.#services.streams,
      log: this.#log,
      afterReply: (action) => request.afterReply(action),
    };
    const handler = this.#services.handlers[method] as (params: unknown, call: Call) => Promise<unknown>;
    const result = (await handler(params, call)) ?? {};
    if (!this.#services.validateResults) return result;
    const checked = methods[method].result.safeParse(result);
    if (!checked.success) throw new Error(`the result of ${method} breaks the contract: ${checked.error.message}`);
    return result;
  }

  #classify(error: unknown, method: string, signal: AbortSignal): HelperError {
    const known = toHelperError(error);
    if (known.code === 'operation.cancelled' && signal.aborted)
      return new HelperError('request.cancelled', {}, { cause: error });
    if (known.code === 'internal.bug')
      this.#log.error({ err: error, method }, `unexpected failure: ${messageOf(error)}`);
    return known;
  }
}

/** These answer when something has ended. */
const waiting: ReadonlySet<MethodName> = new Set(['operations.wait', 'session.wait']);

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}

function isMethod(method: string): method is MethodName {
  return Object.hasOwn(methods, method);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' ? value.length <= 100 : Number.isSafeInteger(value);
}
