// SPDX-License-Identifier: MIT
import { connect, type Socket } from 'node:net';
import { HelperError, messageOf } from '../../core/errors.ts';
import { encodeCommand, QmpDecoder, type QmpEvent, type QmpGreeting, type QmpMessage } from './codec.ts';
import { qmpCommands, type QmpCommand, type QmpResult } from './commands.ts';

interface Pending {
  readonly command: QmpCommand;
  readonly settle: (outcome: { readonly value: unknown } | { readonly error: Error }) => void;
}

/** How long QEMU may take from connection to its greeting: it serves one client at a time. */
const greetingTimeoutMs = 10_000;

/** One connection to QEMU's control socket, with its capabilities negotiated. */
export class QmpClient {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder = new QmpDecoder();
  readonly #pending = new Map<number, Pending>();
  readonly #greeting = Promise.withResolvers<QmpGreeting>();
  readonly #onEvent: (event: QmpEvent) => void;
  #lastId = 0;

  /**
   * Connects, awaits the greeting and negotiates.
   * @throws HelperError hypervisor.control-failed when nobody listens, hypervisor.control-timeout without a greeting
   */
  static async connect(path: string, onEvent: (event: QmpEvent) => void, signal: AbortSignal): Promise<QmpClient> {
    const client = new QmpClient(await openSocket(path, signal), onEvent);
    try {
      await within('greeting', greetingTimeoutMs, signal, client.#greeting.promise);
      await client.execute('qmp_capabilities', signal);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  private constructor(socket: Socket, onEvent: (event: QmpEvent) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    this.#greeting.promise.catch(() => {}); // awaited by connect only; an early close must not be an unhandled rejection
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#failAll();
        resolve();
      });
    });
    socket.on('error', () => {}); // 'close' follows and says it all
    socket.setEncoding('utf8').on('data', (text: string) => { for (const message of this.#decoder.push(text)) this.#take(message); });
  }

  /** @throws HelperError hypervisor.control-timeout, hypervisor.control-failed; AbortError */
  async execute<Command extends QmpCommand>(command: Command, signal: AbortSignal, args?: Readonly<Record<string, unknown>>): Promise<QmpResult<Command>> {
    const { result, timeoutMs } = qmpCommands[command];
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#pending.set(id, { command, settle: (outcome) => ('error' in outcome ? answer.reject(outcome.error) : answer.resolve(outcome.value)) });
    if (this.#socket.destroyed) this.#failAll();
    else this.#socket.write(encodeCommand(id, command, args));
    try {
      const parsed = result.safeParse(await within(command, timeoutMs, signal, answer.promise));
      if (!parsed.success) throw new HelperError('hypervisor.control-failed', { command, reason: `an unexpected answer: ${parsed.error.message}` });
      return parsed.data as QmpResult<Command>;
    } finally {
      this.#pending.delete(id);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(message: QmpMessage): void {
    switch (message.kind) {
      case 'greeting': this.#greeting.resolve(message.greeting); break;
      case 'event': this.#onEvent(message.event); break;
      case 'success': this.#pending.get(message.id)?.settle({ value: message.value }); break;
      case 'failure': {
        const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
        pending?.settle({ error: new HelperError('hypervisor.control-failed', { command: pending.command, reason: message.reason }) });
        break;
      }
      default: message satisfies never;
    }
  }

  #failAll(): void {
    this.#greeting.reject(new HelperError('hypervisor.control-failed', { command: 'greeting', reason: 'the connection closed' }));
    for (const { command, settle } of this.#pending.values()) settle({ error: new HelperError('hypervisor.control-failed', { command, reason: 'the connection closed' }) });
    this.#pending.clear();
  }
}

function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const onAbort = (): void => { socket.destroy(signal.reason as Error); };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(signal.aborted ? error : new HelperError('hypervisor.control-failed', { command: 'connect', reason: messageOf(error) }, { cause: error }));
    });
  });
}

async function within<Value>(command: string, timeoutMs: number, signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  const interrupted = Promise.withResolvers<never>();
  const onAbort = (): void => { interrupted.reject(signal.reason as Error); };
  const timer = setTimeout(() => interrupted.reject(new HelperError('hypervisor.control-timeout', { command, seconds: timeoutMs / 1000 })), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
