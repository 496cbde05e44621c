// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localHost } from '#contract/hosts.ts';
import { localBackend } from '../../../electron/link/backend.ts';
import type { LinkMessage, LinkState } from '#contract/desktop.ts';
import { snapshot, type EventBody } from '#contract/events.ts';
import type { HandledMethod, Handler, Handlers } from '../../../native-helper/rpc/handlers.ts';
import { EventLog } from '../../../native-helper/events/event-log.ts';
import { RpcServer } from '../../../native-helper/rpc/rpc-server.ts';
import { RunDirectoryClaim } from '../../../native-helper/rpc/run-directory-claim.ts';
import { StreamBroker } from '../../../native-helper/rpc/stream-broker.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { HelperLink } from '../../../electron/link/helper-link.ts';
import { bridgeStream, streamLimits } from '../../../electron/link/stream-bridge.ts';

const log = pino({ level: 'silent' });
let directory: string;
let runDirectory: string;
let messages: LinkMessage[];
let link: HelperLink;
const servers: RpcServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-link-'));
  runDirectory = join(directory, 'run', 'berth');
  messages = [];
  link = new HelperLink({
    host: localHost,
    backend: localBackend(runDirectory, 'test'),
    onMessage: (message) => messages.push(message),
    log: () => {},
  });
});

afterEach(async () => {
  link.stop();
  for (const server of servers.splice(0)) await server.close();
  rmSync(directory, { recursive: true });
});

function newEvents(): EventLog {
  return new EventLog({
    snapshot: () =>
      snapshot.parse({
        instances: [],
        operations: [],
        catalogue: [],
        vault: [],
        system: {
          version: '0.1.0',
          protocol: 1,
          bootId: 'x',
          pid: 1,
          architecture: 'x86_64',
          hostCpus: 2,
          hostMemoryBytes: 1,
          freeDiskBytes: 1,
          checks: [],
          caller: { uid: 0, gid: 0 },
        },
      }),
    log,
  });
}

/**
 * The helper's own server with few handlers; the same `events` twice is a connection lost, another is a helper
 * restarted.
 */
async function listen(
  events: EventLog,
  streams = new StreamBroker(),
  more: Partial<Handlers> = {},
): Promise<RpcServer> {
  const files = new Files(join(directory, 'state'), runDirectory);
  const some: Partial<Handlers> = {
    'events.subscribe': async ({ since }, call) => await events.subscribe(call, since),
    'instances.suggest-name': async () => ({ name: 'quiet-otter' as never }),
    ...more,
  };
  const handlers = new Proxy(some, { get: (target, name) => target[name as HandledMethod] ?? unsupported }) as Handlers;
  const server = await RpcServer.listen({
    files,
    claim: await RunDirectoryClaim.take(files, log),
    version: '0.1.0',
    bootId: events.bootId,
    handlers,
    streams,
    log,
    validateResults: true,
  });
  servers.push(server);
  return server;
}

const unsupported: Handler<'instances.list'> = async () => {
  throw new Error('not in this test');
};

async function close(server: RpcServer): Promise<void> {
  servers.splice(servers.indexOf(server), 1);
  await server.close();
}

function removed(name: string): () => EventBody {
  return () => ({ topic: 'instance.removed', name: name as never });
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5, timeout: 20_000 }).toBe(true);
}

function linkStates(): LinkState[] {
  return messages.flatMap((message) => (message.kind === 'link' ? [message.link] : []));
}

function removedNames(): string[] {
  return messages.flatMap((message) =>
    message.kind === 'event' && message.event.body.topic === 'instance.removed' ? [message.event.body.name] : [],
  );
}

function isDown(reason: string): boolean {
  return link.state.state === 'down' && link.state.reason === reason;
}

const isConnected = (): boolean => link.state.state === 'connected';

describe('helper link', () => {
  test('connects at once when the helper starts, whatever of its path was missing', async () => {
    link.start();
    await until(() => isDown('no-socket'));
    // Long after the first delays, so that a lucky retry does not pass for the watch.
    await until(() => messages.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const startedAt = performance.now();
    await listen(newEvents());
    await until(isConnected);
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(linkStates().map((state) => state.state)).toEqual(['down', 'connected']);
    expect(messages.at(-1)?.kind).toBe('snapshot');
    expect(await link.request('instances.suggest-name', {})).toEqual({ name: 'quiet-otter' });
  });

  test('tells a socket nobody listens on from none', async () => {
    mkdirSync(runDirectory, { recursive: true });
    const left = createServer().listen(join(runDirectory, 'left.sock'));
    await once(left, 'listening');
    linkSync(join(runDirectory, 'left.sock'), join(runDirectory, 'helper.sock'));
    left.close();
    link.start();
    await until(() => isDown('refused'));
    await expect(link.request('instances.list', {})).rejects.toMatchObject({ data: { code: 'helper.unreachable' } });
  });

  test('tells a socket this user may not open, and sees its rights change', async () => {
    await listen(newEvents());
    for (const path of [directory, join(directory, 'run'), runDirectory]) chmodSync(path, 0o755);
    chmodSync(join(runDirectory, 'helper.sock'), 0);
    // Nothing is forbidden to root, so the test connects as nobody.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      link.start();
      await until(() => isDown('no-permission'));
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    chmodSync(join(runDirectory, 'helper.sock'), 0o600);
    await until(isConnected);
  });

  test('tells a path that leads through a file', async () => {
    writeFileSync(join(directory, 'run'), '');
    link.start();
    await until(() => isDown('no-socket'));
  });

  test('delivers each event once and in order across lost connections', async () => {
    const events = newEvents();
    let server = await listen(events);
    link.start();
    await until(isConnected);
    let expected = 0;
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 20; index += 1) events.publish(removed(`n${(expected += 1)}`));
      if (round % 2 === 0) await until(() => removedNames().length === expected);
      await close(server);
      await until(() => !isConnected());
      for (let index = 0; index < 20; index += 1) events.publish(removed(`n${(expected += 1)}`));
      server = await listen(events);
      await until(isConnected);
    }
    await until(() => removedNames().length >= expected);
    expect(removedNames()).toEqual(Array.from({ length: expected }, (_, index) => `n${index + 1}`));
    expect(messages.filter((message) => message.kind === 'snapshot')).toHaveLength(1);
    expect(linkStates().some((state) => state.state === 'down' && state.reason === 'lost')).toBe(true);
  });

  test('takes a snapshot where a replay is not to be had any more', async () => {
    const events = newEvents();
    const server = await listen(events);
    link.start();
    await until(isConnected);
    await close(server);
    await until(() => !isConnected());
    for (let index = 0; index < 1200; index += 1) events.publish(removed('gone'));
    await listen(events);
    await until(isConnected);
    events.publish(removed('after'));
    await until(() => removedNames().length > 0);
    expect(removedNames()).toEqual(['after']);
    expect(messages.filter((message) => message.kind === 'snapshot')).toHaveLength(2);
  });

  test('takes a snapshot from a restarted helper, whose numbers begin anew', async () => {
    const first = newEvents();
    const server = await listen(first);
    link.start();
    await until(isConnected);
    for (let index = 0; index < 10; index += 1) first.publish(removed('old'));
    await until(() => removedNames().length === 10);
    await close(server);
    await until(() => !isConnected());
    const second = newEvents();
    await listen(second);
    await until(isConnected);
    second.publish(removed('new'));
    await until(() => removedNames().length === 11);
    expect(messages.filter((message) => message.kind === 'snapshot')).toHaveLength(2);
  });

  test('lists the images again when they are outdated, and after a connection that was lost over it', async () => {
    const events = newEvents();
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<never[]>()];
    const none = async (): Promise<never[]> => [];
    const first = await listen(events, new StreamBroker(), {
      'images.list': none,
      'images.remotes': none,
      'images.catalogue': async () => {
        asked.resolve();
        return await held.promise;
      },
    });
    link.start();
    await until(isConnected);
    events.publish(() => ({ topic: 'images.outdated' }));
    await asked.promise;
    await close(first);
    held.resolve([]);
    await until(() => !isConnected());
    expect(messages.some((message) => message.kind === 'images')).toBe(false);
    await listen(events, new StreamBroker(), { 'images.list': none, 'images.remotes': none, 'images.catalogue': none });
    await until(() => messages.some((message) => message.kind === 'images'));
    expect(messages.filter((message) => message.kind === 'snapshot')).toHaveLength(1);
  });

  test('opens streams by token, and says when a token is spent', async () => {
    const streams = new StreamBroker();
    await listen(newEvents(), streams);
    link.start();
    await until(isConnected);
    const token = streams.offer(process.getuid?.() ?? 0, (socket) => socket.pipe(socket));
    const stream = await link.openStream(token);
    stream.end('echo');
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    expect(text).toBe('echo');
    await expect(link.openStream(token)).rejects.toMatchObject({ data: { code: 'stream.unknown' } });
  });

  test('leaves a fast stream unread behind a window that does not keep up', async () => {
    const streams = new StreamBroker();
    await listen(newEvents(), streams);
    link.start();
    await until(isConnected);
    const totalBytes = 64 * 1024 * 1024;
    let writtenBytes = 0;
    const token = streams.offer(process.getuid?.() ?? 0, (socket) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (writtenBytes < totalBytes) {
          writtenBytes += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
        socket.end();
      };
      more();
    });
    const { port1, port2 } = new MessageChannel();
    let receivedBytes = 0;
    let unacknowledgedBytes = 0;
    let hasEnded = false;
    port1.on('message', (message: { kind: string; bytes: Uint8Array }) => {
      if (message.kind === 'end') hasEnded = true;
      if (message.kind !== 'data') return;
      receivedBytes += message.bytes.length;
      unacknowledgedBytes += message.bytes.length;
    });
    const post = port2.postMessage.bind(port2);
    bridgeStream(await link.openStream(token), {
      post,
      onMessage: (listener) => port2.on('message', listener),
      onClose: (listener) => port2.on('close', listener),
      close: () => port2.close(),
    });
    await until(() => receivedBytes >= streamLimits.windowBytes);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The window's share, and what fits into the sockets' buffers on the way.
    expect(receivedBytes).toBeLessThan(2 * streamLimits.windowBytes);
    expect(writtenBytes).toBeLessThan(4 * streamLimits.windowBytes);
    while (!hasEnded) {
      port1.postMessage({ kind: 'ack', bytes: unacknowledgedBytes });
      unacknowledgedBytes = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(receivedBytes).toBe(totalBytes);
    port1.close();
  });
});
