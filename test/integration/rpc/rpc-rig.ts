// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { methods } from '#contract/methods.ts';
import { protocolVersion } from '#contract/protocol.ts';
import { snapshot, type Snapshot } from '#contract/events.ts';
import { connectHelper } from '../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { EventLog } from '../../../native-helper/events/event-log.ts';
import type { HandledMethod, Handler, Handlers } from '../../../native-helper/rpc/handlers.ts';
import { RpcServer, type RpcServerOptions } from '../../../native-helper/rpc/rpc-server.ts';
import { RunDirectoryClaim } from '../../../native-helper/rpc/run-directory-claim.ts';
import { StreamBroker } from '../../../native-helper/rpc/stream-broker.ts';
import { Files } from '../../../native-helper/store/files.ts';

interface RigOptions extends Partial<Pick<RpcServerOptions, 'limits' | 'gid' | 'validateResults' | 'quotas'>> {
  readonly handlers?: Partial<Handlers>;
  readonly eventCapacity?: number;
  readonly streamTokenMs?: number;
}

/** The real server on real sockets in a directory of its own; only what the methods do is the test's. */
export class RpcRig {
  readonly files: Files;
  readonly events: EventLog;
  readonly streams: StreamBroker;
  readonly #server: RpcServer;
  readonly #open: (() => void)[] = [];

  private constructor(files: Files, events: EventLog, streams: StreamBroker, server: RpcServer) {
    this.files = files;
    this.events = events;
    this.streams = streams;
    this.#server = server;
  }

  static async start(options: RigOptions = {}): Promise<RpcRig> {
    const { handlers, eventCapacity, streamTokenMs, ...wire } = options;
    const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-rpc-'));
    const files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
    const log = pino({ level: process.env['BERTH_TEST_LOG'] ?? 'silent' });
    const events = new EventLog({
      snapshot: () => emptySnapshot(),
      log,
      ...(eventCapacity === undefined ? {} : { capacity: eventCapacity }),
    });
    const streams = new StreamBroker(streamTokenMs);
    const claim = await RunDirectoryClaim.take(files, log);
    const server = await RpcServer.listen({
      files,
      claim,
      version: '0.1.0',
      bootId: events.bootId,
      handlers: completed(events, handlers),
      streams,
      log,
      validateResults: true,
      ...wire,
    });
    return new RpcRig(files, events, streams, server);
  }

  async connect(): Promise<HelperConnection> {
    const connection = await connectHelper({ runDirectory: this.files.runDirectory, clientName: 'test' });
    this.#open.push(() => connection.close());
    return connection;
  }

  /** A bare socket, for what no client of ours would send. */
  async raw(socketPath = this.files.rpcSocket): Promise<RawClient> {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    await once(socket, 'connect');
    this.#open.push(() => socket.destroy());
    return new RawClient(socket);
  }

  async stop(): Promise<void> {
    for (const close of this.#open) close();
    await this.#server.close();
    await rm(path.dirname(this.files.runDirectory), { recursive: true });
  }
}

interface RawMessage {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: { readonly code: string; readonly params: Record<string, unknown> };
  };
}

export class RawClient {
  readonly socket: Socket;
  readonly messages: RawMessage[] = [];
  #held = Buffer.alloc(0);
  #news = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#tell());
  }

  send(message: unknown): void {
    this.socket.write(frame(JSON.stringify(message)));
  }

  /** The first message that fits, now or later. */
  async message(fits: (message: RawMessage) => boolean): Promise<RawMessage> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found) return found;
      if (this.socket.destroyed) throw new Error(`closed without it: ${JSON.stringify(this.messages)}`);
      await this.#news.promise;
    }
  }

  async greet(protocol = protocolVersion): Promise<RawMessage> {
    this.send({ jsonrpc: '2.0', id: 'hello', method: 'system.hello', params: { protocol, client: 'raw' } });
    return await this.message((message) => message.id === 'hello');
  }

  /** Resolves when the helper has ended the connection. */
  async ended(): Promise<void> {
    if (!this.socket.readableEnded && !this.socket.destroyed) await once(this.socket, 'end');
    this.socket.destroy();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  #take(chunk: Buffer): void {
    this.#held = Buffer.concat([this.#held, chunk]);
    for (;;) {
      const match = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#held.toString('latin1', 0, 60));
      if (match === null) return;
      const end = match[0].length + Number(match[1]);
      if (this.#held.length < end) return;
      this.messages.push(JSON.parse(this.#held.toString('utf8', match[0].length, end)) as RawMessage);
      this.#held = this.#held.subarray(end);
      this.#tell();
    }
  }
}

export function frame(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function completed(events: EventLog, handlers: Partial<Handlers> = {}): Handlers {
  const all: Partial<Handlers> = {
    'instances.suggest-name': async () => ({ name: 'quiet-otter' as never }),
    'events.subscribe': async ({ since, pages }, call) => await events.subscribe(call, since, pages),
    'events.snapshot': async ({ cursor }, { actor }) => await events.page(actor, cursor),
    ...handlers,
  };
  const missing: Handler<HandledMethod> = async () => {
    throw new Error('not part of this test');
  };
  return Object.fromEntries(
    Object.keys(methods).map((name) => [name, all[name as HandledMethod] ?? missing]),
  ) as unknown as Handlers;
}

function emptySnapshot(): Snapshot {
  return snapshot.parse({
    instances: [],
    operations: [],
    catalogue: [],
    vault: [],
    system: {
      version: '0.1.0',
      protocol: protocolVersion,
      bootId: 'b',
      pid: process.pid,
      architecture: 'x86_64',
      hostCpus: 2,
      hostMemoryBytes: 1,
      freeDiskBytes: 1,
      checks: [],
      caller: { uid: 0, gid: 0 },
    },
  });
}
