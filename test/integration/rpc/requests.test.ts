// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits, protocolVersion } from '#contract/protocol.ts';
import type { HelperErrorData } from '#contract/errors.ts';
import { HelperError } from '../../../native-helper/core/errors.ts';
import { RpcRig } from './rpc-rig.ts';

let rig: RpcRig;
let release: () => void;
let aborted: string[];
let waiting: string[];

beforeEach(async () => {
  aborted = [];
  waiting = [];
  const gate = Promise.withResolvers<void>();
  release = gate.resolve;
  rig = await RpcRig.start({
    handlers: {
      'instances.info': async ({ name }) => {
        throw new HelperError('instance.not-found', { name });
      },
      'instances.list': async () => [{ name: 'Not A Name' as never, state: 'running', ownerUid: 0, isOwn: true }],
      'operations.list': async () => await gate.promise.then(() => []),
      'operations.wait': async ({ id }, { signal }) => {
        waiting.push(id);
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener(
          'abort',
          () => {
            aborted.push(id);
            reject(signal.reason as Error);
          },
          { once: true },
        );
        return await promise;
      },
      'console.marks': async () =>
        Array.from({ length: 30_000 }, (_, offset) => ({ offset, at: '2026-01-01T00:00:00.000Z' })),
    },
  });
});
afterEach(async () => {
  release();
  await rig.stop();
});

async function failure(promise: Promise<unknown>): Promise<HelperErrorData> {
  return await promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: { data?: HelperErrorData }) => {
      if (error.data === undefined) throw error;
      return error.data;
    },
  );
}

describe('handshake', () => {
  test('tells version and boot id', async () => {
    const connection = await rig.connect();
    expect(connection).toMatchObject({ bootId: rig.events.bootId, helperVersion: '0.1.0' });
  });

  test('refuses another protocol', async () => {
    const client = await rig.raw();
    const answer = await client.greet(protocolVersion + 1);
    expect(answer.error?.data).toMatchObject({
      code: 'helper.version-mismatch',
      params: { helper: protocolVersion, client: protocolVersion + 1 },
    });
  });

  test('refuses any call before it, and takes a pipelined one behind it', async () => {
    const client = await rig.raw();
    client.send({ jsonrpc: '2.0', id: 1, method: 'instances.suggest-name', params: {} });
    expect((await client.message((each) => each.id === 1)).error?.data).toMatchObject({
      code: 'request.invalid',
      params: { reason: 'system.hello must be the first call' },
    });
    client.send({
      jsonrpc: '2.0',
      id: 2,
      method: 'system.hello',
      params: { protocol: protocolVersion, client: 'raw' },
    });
    client.send({ jsonrpc: '2.0', id: 3, method: 'instances.suggest-name' });
    expect((await client.message((each) => each.id === 3)).result).toEqual({ name: 'quiet-otter' });
  });
});

describe('errors', () => {
  test('of a handler keep code and params, under one JSON-RPC code', async () => {
    const client = await rig.raw();
    await client.greet();
    client.send({ jsonrpc: '2.0', id: 1, method: 'instances.info', params: { name: 'absent' } });
    const { error } = await client.message((each) => each.id === 1);
    expect(error).toMatchObject({
      code: -32_000,
      message: 'There is no instance named absent.',
      data: { code: 'instance.not-found', params: { name: 'absent' }, causes: [] },
    });
  });

  test('unknown methods, inherited property names among them', async () => {
    const connection = await rig.connect();
    for (const method of ['instances.explode', 'constructor', '__proto__', '']) {
      expect(await failure(connection.request(method as never, {} as never))).toMatchObject({
        code: 'request.unsupported',
      });
    }
  });

  test.each([
    ['instances.launch', { image: 'tiny', memoryBytes: 1 }, /^memoryBytes: /],
    ['instances.launch', { image: 'tiny', cpus: 'two' }, /^cpus: /],
    ['instances.launch', { image: 'tiny', diskBytes: -1 }, /^diskBytes: /],
    ['instances.launch', { image: 'tiny', name: '../etc' }, /^name: begin with a letter/],
    ['instances.launch', { image: '../../etc/passwd' }, /^image: .*a to z.*sha256/],
    ['instances.launch', { image: 'tiny', userData: 7 }, /^userData: /],
    ['instances.launch', { image: 'tiny', timeZone: 'a b' }, /^timeZone: /],
    ['instances.launch', { image: 'tiny', timeoutSeconds: 0 }, /^timeoutSeconds: /],
    ['instances.launch', { image: 'tiny', surprise: true }, /^params: .*surprise/],
    ['instances.launch', {}, /^image: /],
    ['exec.open', { name: 'a', command: ['ls', 3] }, /^command\.1: /],
    ['shell.open', { name: 'a', size: { columns: 0, rows: 24 } }, /^size\.columns: /],
    ['instances.list', [1], /^params: /],
    ['instances.info', 'text', /^params: /],
  ] as const)('wrong params of %s %j name the field', async (method, params, reason) => {
    const client = await rig.raw();
    await client.greet();
    client.send({ jsonrpc: '2.0', id: 1, method, params });
    const { error } = await client.message((each) => each.id === 1);
    expect(error?.data.code).toBe('request.invalid');
    expect(error?.data.params['reason']).toMatch(reason);
  });

  test('an exception and a result outside the contract are internal.bug, and the helper goes on', async () => {
    const connection = await rig.connect();
    expect(await failure(connection.request('images.list', {}))).toMatchObject({
      code: 'internal.bug',
      params: { reason: 'not part of this test' },
    });
    expect(await failure(connection.request('instances.list', {}))).toMatchObject({ code: 'internal.bug' });
    expect(await connection.request('instances.suggest-name', {})).toEqual({ name: 'quiet-otter' });
  });

  test('a result larger than a message is refused, not sent', async () => {
    const connection = await rig.connect();
    expect(await failure(connection.request('console.marks', { name: 'a' as never, boot: 1 }))).toMatchObject({
      code: 'request.too-large',
      params: { limit: limits.messageBytes },
    });
  });

  test.each([
    [[]],
    [{}],
    [42],
    [null],
    [{ jsonrpc: '2.0', id: null, method: 'instances.list' }],
    [{ jsonrpc: '2.0', id: { a: 1 }, method: 'instances.list' }],
    [{ jsonrpc: '2.0', id: 1, method: 5 }],
  ])('JSON that is no request gets an answer: %j', async (message) => {
    const client = await rig.raw();
    await client.greet();
    client.send(message);
    expect((await client.message((each) => each.error !== undefined)).error?.data.code).toBe('request.invalid');
    client.send({ jsonrpc: '2.0', id: 9, method: 'instances.suggest-name', params: {} });
    expect((await client.message((each) => each.id === 9)).result).toBeDefined();
  });

  test('notifications and answers that nobody asked for are passed over', async () => {
    const client = await rig.raw();
    await client.greet();
    for (const message of [
      { jsonrpc: '2.0', method: 'instances.purge', params: { name: 'a' } },
      { jsonrpc: '2.0', method: '$/cancelRequest' },
      { jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 77 } },
      { jsonrpc: '2.0', id: 4, result: 1 },
      { jsonrpc: '2.0', id: null, error: {} },
    ])
      client.send(message);
    client.send({ jsonrpc: '2.0', id: 5, method: 'instances.suggest-name' });
    await client.message((each) => each.id === 5);
    expect(client.messages.map((each) => each.id)).toEqual(['hello', 5]);
  });
});

describe('cancellation', () => {
  const id = 'op-0123456789' as never;

  test('$/cancelRequest aborts the handler and is answered', async () => {
    const client = await rig.raw();
    await client.greet();
    client.send({ jsonrpc: '2.0', id: 1, method: 'operations.wait', params: { id } });
    client.send({ jsonrpc: '2.0', method: '$/cancelRequest', params: { id: 1 } });
    expect((await client.message((each) => each.id === 1)).error?.data.code).toBe('request.cancelled');
  });

  test("the client's signal rejects at once", async () => {
    const connection = await rig.connect();
    const controller = new AbortController();
    const pending = failure(connection.request('operations.wait', { id }, { signal: controller.signal }));
    await expect.poll(() => waiting).toEqual([id]);
    controller.abort();
    expect(await pending).toMatchObject({ code: 'request.cancelled' });
    await expect.poll(() => aborted).toEqual([id]);
  });

  test('the end of the connection withdraws what it waits for', async () => {
    const client = await rig.raw();
    await client.greet();
    client.send({ jsonrpc: '2.0', id: 1, method: 'operations.wait', params: { id } });
    client.send({ jsonrpc: '2.0', id: 2, method: 'instances.suggest-name' });
    await client.message((each) => each.id === 2);
    client.socket.destroy();
    await expect.poll(() => aborted).toEqual([id]);
  });
});

describe('load', () => {
  test('10,000 calls at once are all answered, and memory stays bounded', async () => {
    const client = await rig.raw();
    await client.greet();
    const before = process.memoryUsage().rss;
    const count = 10_000;
    client.socket.write(
      Array.from({ length: count }, (_, id) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'operations.list', params: {} });
        return `Content-Length: ${body.length}\r\n\r\n${body}`;
      }).join(''),
    );
    await client.message(() => client.messages.length === 1 + count - limits.requestsPerConnection);
    const busy = client.messages.filter((each) => each.error?.data.code === 'helper.busy');
    expect(busy).toHaveLength(count - limits.requestsPerConnection);
    release();
    await client.message(() => client.messages.length === 1 + count);
    expect(new Set(client.messages.map((each) => each.id)).size).toBe(count + 1);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    client.send({ jsonrpc: '2.0', id: 'after', method: 'instances.suggest-name' });
    expect((await client.message((each) => each.id === 'after')).result).toBeDefined();
  });

  test('10,000 calls of a client of ours are all answered', async () => {
    const connection = await rig.connect();
    release();
    const answers = await Promise.allSettled(
      Array.from({ length: 10_000 }, async () => await connection.request('operations.list', {})),
    );
    const codes = answers.map((each) => (each.status === 'fulfilled' ? 'ok' : (each.reason as { code: string }).code));
    expect(new Set(codes.filter((code) => code !== 'ok' && code !== 'helper.busy'))).toEqual(new Set());
    expect(await connection.request('instances.suggest-name', {})).toBeDefined();
  });

  test('an id in use is refused, and its first request is still answered', async () => {
    const client = await rig.raw();
    await client.greet();
    client.send({ jsonrpc: '2.0', id: 1, method: 'operations.list' });
    client.send({ jsonrpc: '2.0', id: 1, method: 'instances.suggest-name' });
    expect((await client.message((each) => each.id === 1)).error?.data.params['reason']).toMatch(/under way/);
    release();
    expect((await client.message((each) => each.id === 1 && each.error === undefined)).result).toEqual([]);
  });

  test('who does not read gets no further answers made', async () => {
    const client = await rig.raw();
    await client.greet();
    client.socket.pause();
    release();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'nothing', padding: 'x'.repeat(2000) });
    const flood = `Content-Length: ${body.length}\r\n\r\n${body}`.repeat(500);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 100 && client.socket.writableLength < 20 * flood.length; round += 1) {
      client.socket.write(flood);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.socket.writableLength).toBeGreaterThan(flood.length);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    expect(await (await rig.connect()).request('instances.suggest-name', {})).toBeDefined();
  });
});
