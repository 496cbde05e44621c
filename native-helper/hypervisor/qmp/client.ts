// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import { sendDescriptor } from '../../posix/send-descriptor.ts';
import { descriptorOf } from '../../process/peer-credentials.ts';
import { encodeCommand, QmpDecoder, type QmpEvent, type QmpGreeting, type QmpMessage } from './codec.ts';
import { ReadBudget } from './read-budget.ts';
import { qmpCommands, type QmpCommand, type QmpResult } from './commands.ts';

interface Pending {
  readonly command: QmpCommand;
  readonly settle: (outcome: { readonly value: unknown } | { readonly error: Error }) => void;
}

/** QEMU's own answer: what was asked for was not done. Every other failure may hide that it was. */
export class RefusedCommand extends HelperError {}

/** How long QEMU may take from connection to its greeting: it serves one client at a time. */
const greetingTimeoutMs = 10_000;
/** Of commands that QEMU has not read. It reads each at once; one that hangs is not written to without end. */
const unreadLimit = 256 * 1024;

/** One connection to QEMU's control socket, with its capabilities negotiated. */
export class QmpClient {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder = new QmpDecoder();
  readonly #budget = new ReadBudget(performance.now());
  readonly #pending = new Map<number, Pending>();
  readonly #greeting = Promise.withResolvers<QmpGreeting>();
  readonly #onEvent: (event: QmpEvent) => void;
  #lastId = 0;
  #qemuVersion = '';

  /**
   * Awaits the greeting and negotiates. The connection is the client's from here on.
   * @throws HelperError hypervisor.control-failed where it ends, hypervisor.control-timeout without a greeting
   */
  static async connect(socket: Socket, onEvent: (event: QmpEvent) => void, signal: AbortSignal): Promise<QmpClient> {
    const client = new QmpClient(socket, onEvent);
    try {
      const { QMP: greeting } = await within('greeting', greetingTimeoutMs, signal, client.#greeting.promise);
      const { major, minor, micro } = greeting.version.qemu;
      client.#qemuVersion = `${major}.${minor}.${micro}`;
      await client.execute('qmp_capabilities', signal);
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** As its greeting says: three numbers. */
  get qemuVersion(): string {
    return this.#qemuVersion;
  }

  private constructor(socket: Socket, onEvent: (event: QmpEvent) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    // awaited by connect only; an early close must not be an unhandled rejection
    this.#greeting.promise.catch(() => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#failAll();
        resolve();
      });
    });
    socket.on('error', () => {}); // 'close' follows and says it all
    socket.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  /** @throws HelperError hypervisor.control-timeout, hypervisor.control-failed (RefusedCommand: by QEMU); AbortError */
  async execute<Command extends QmpCommand>(
    command: Command,
    signal: AbortSignal,
    args?: Readonly<Record<string, unknown>>,
  ): Promise<QmpResult<Command>> {
    return await this.#ask(command, signal, (id) => {
      if (this.#socket.writableLength > unreadLimit) throw failed(command, sentence('hypervisor.reads-no-commands'));
      this.#socket.write(encodeCommand(id, command, args));
    });
  }

  /**
   * Gives QEMU an open descriptor, which it keeps under that name until it is used. The caller's own stays the
   * caller's.
   * @throws HelperError as execute
   */
  async giveDescriptor(fdname: string, descriptor: number, signal: AbortSignal): Promise<void> {
    await this.#ask('getfd', signal, async (id) => {
      const bytes = Buffer.from(encodeCommand(id, 'getfd', { fdname }));
      // Past the stream's own queue, of which nothing may be left: a line would be cut in two. Who gave up waiting may
      // have closed the descriptor, and its number be another's.
      while (this.#pending.has(id) && (this.#socket.writableLength > 0 || !this.#hasSent(bytes, descriptor)))
        await this.#flushed();
    });
  }

  #hasSent(bytes: Buffer, descriptor: number): boolean {
    const fd = descriptorOf(this.#socket);
    if (fd === undefined) throw failed('getfd', sentence('hypervisor.connection-closed'));
    try {
      return sendDescriptor(fd, bytes, descriptor);
    } catch (error) {
      throw failed('getfd', messageOf(error));
    }
  }

  /** Resolves when QEMU has room for all that was written, and for an empty line, which says nothing to it. */
  async #flushed(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write('\n', (error) => {
        if (error) reject(failed('getfd', messageOf(error)));
        else resolve();
      });
    });
  }

  async #ask<Command extends QmpCommand>(
    command: Command,
    signal: AbortSignal,
    send: (id: number) => void | Promise<void>,
  ): Promise<QmpResult<Command>> {
    const { result, timeoutMs } = qmpCommands[command];
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    answer.promise.catch(() => {}); // it may come when nobody waits any more
    this.#pending.set(id, {
      command,
      settle: (outcome) => ('error' in outcome ? answer.reject(outcome.error) : answer.resolve(outcome.value)),
    });
    try {
      if (this.#socket.destroyed) this.#failAll();
      const sent = this.#socket.destroyed ? undefined : send(id);
      const parsed = result.safeParse(
        await within(
          command,
          timeoutMs,
          signal,
          Promise.all([answer.promise, sent]).then(([value]) => value),
        ),
      );
      if (!parsed.success) throw failed(command, sentence('hypervisor.odd-answer'));
      return parsed.data as QmpResult<Command>;
    } finally {
      this.#pending.delete(id);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** QEMU waits while it has said more than it may. */
  #read(text: string): void {
    const messages = this.#decoder.push(text);
    const unasked = messages.filter((message) => message.kind !== 'success' || !this.#pending.has(message.id)).length;
    for (const message of messages) this.#take(message);
    const waitMs = this.#budget.spend(performance.now(), { bytes: text.length, unasked });
    if (waitMs === 0) return;
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), waitMs).unref();
  }

  #take(message: QmpMessage): void {
    switch (message.kind) {
      case 'greeting':
        this.#greeting.resolve(message.greeting);
        break;
      case 'event':
        this.#onEvent(message.event);
        break;
      case 'success':
        this.#pending.get(message.id)?.settle({ value: message.value });
        break;
      case 'failure': {
        const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
        pending?.settle({
          error: new RefusedCommand('hypervisor.control-failed', { command: pending.command, reason: message.reason }),
        });
        break;
      }
      default:
        message satisfies never;
    }
  }

  #failAll(): void {
    this.#greeting.reject(
      new HelperError('hypervisor.control-failed', {
        command: 'greeting',
        reason: sentence('hypervisor.connection-closed'),
      }),
    );
    for (const { command, settle } of this.#pending.values())
      settle({
        error: new HelperError('hypervisor.control-failed', {
          command,
          reason: sentence('hypervisor.connection-closed'),
        }),
      });
    this.#pending.clear();
  }
}

function failed(command: QmpCommand, reason: Reason): HelperError {
  return new HelperError('hypervisor.control-failed', { command, reason });
}

async function within<Value>(
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
  work: Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const interrupted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    interrupted.reject(signal.reason as Error);
  };
  const timer = setTimeout(
    () => interrupted.reject(new HelperError('hypervisor.control-timeout', { command, seconds: timeoutMs / 1000 })),
    timeoutMs,
  );
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
