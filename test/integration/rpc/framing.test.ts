// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '#contract/protocol.ts';
import { RpcRig, frame } from './rpc-rig.ts';

let rig: RpcRig;
beforeEach(async () => {
  rig = await RpcRig.start({ limits: { messageTimeoutMs: 300, helloTimeoutMs: 2000, lingerMs: 200 } });
});
afterEach(async () => {
  await rig.stop();
});

async function stillServes(): Promise<void> {
  expect(await (await rig.connect()).request('instances.suggest-name', {})).toBeDefined();
}

test('a message of 2 MiB is refused by its size, and only that connection ends', async () => {
  const other = await rig.connect();
  const client = await rig.raw();
  await client.greet();
  const bytes = 2 * 1024 * 1024;
  client.socket.write(
    frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'instances.list', params: {} }).padEnd(bytes)),
  );
  const { error } = await client.message((each) => each.error !== undefined);
  expect(error?.data).toMatchObject({ code: 'request.too-large', params: { bytes, limit: limits.messageBytes } });
  await client.ended();
  expect(await other.request('instances.suggest-name', {})).toBeDefined();
});

test('a client of ours is told the size before it sends', async () => {
  const connection = await rig.connect();
  await expect(
    connection.request('instances.launch', { image: 'tiny' as never, userData: 'x'.repeat(2 * 1024 * 1024) }),
  ).rejects.toMatchObject({ code: 'request.too-large' });
  expect(await connection.request('instances.suggest-name', {})).toBeDefined();
});

test('a message of just the limit is taken', async () => {
  const client = await rig.raw();
  await client.greet();
  client.socket.write(
    frame(
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'instances.suggest-name', params: {} }).padEnd(
        limits.messageBytes,
      ),
    ),
  );
  expect((await client.message((each) => each.id === 1)).result).toBeDefined();
});

test.each([
  ['half a body', 'Content-Length: 100\r\n\r\n{"jsonrpc":'],
  ['half a header', 'Content-Len'],
  ['a header and no body', 'Content-Length: 5\r\n\r\n'],
])('%s and then silence ends in time', async (_, bytes) => {
  const client = await rig.raw();
  await client.greet();
  client.socket.write(bytes);
  expect((await client.message((each) => each.error !== undefined)).error?.data.params['reason']).toMatch(
    /not complete within 300 ms/,
  );
  await client.ended();
  await stillServes();
});

test('a byte now and then does not stretch the time', async () => {
  const client = await rig.raw();
  await client.greet();
  client.socket.write('Content-Length: 1000\r\n\r\n');
  const trickle = setInterval(() => client.socket.write(' '), 20);
  await client.message((each) => each.error !== undefined);
  clearInterval(trickle);
  await client.ended();
});

test('half a message and then the end leaves nothing behind', async () => {
  const client = await rig.raw();
  await client.greet();
  client.socket.end('Content-Length: 100\r\n\r\n{"json');
  await client.ended();
  await stillServes();
});

test.each([
  ['no header lines', 'GET / HTTP/1.1\r\n\r\n'],
  ['bytes without end', '\0'.repeat(2000)],
  ['a header without end', `X-Long: ${'a'.repeat(1100)}`],
  ['no length', 'Content-Type: a\r\n\r\n{}'],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
  ['a negative length', 'Content-Length: -2\r\n\r\n{}'],
  ['a length in hex', 'Content-Length: 0x2\r\n\r\n{}'],
  ['no JSON', frame('{"jsonrpc":')],
  ['nothing', frame('')],
])('garbage is answered and ends the connection: %s', async (_, bytes) => {
  const client = await rig.raw();
  await client.greet();
  client.socket.write(bytes);
  expect((await client.message((each) => each.error !== undefined)).error?.data.code).toBe('request.invalid');
  await client.ended();
  await stillServes();
});

test('text that is not UTF-8 is garbage', async () => {
  const client = await rig.raw();
  await client.greet();
  client.socket.write(
    Buffer.concat([Buffer.from('Content-Length: 4\r\n\r\n"'), Buffer.from([0xff, 0xfe]), Buffer.from('"')]),
  );
  expect((await client.message((each) => each.error !== undefined)).error?.data.code).toBe('request.invalid');
});

test('a message byte by byte, and two in one piece, are read all the same', async () => {
  const client = await rig.raw();
  await client.greet();
  const text = frame(JSON.stringify({ jsonrpc: '2.0', id: 'é', method: 'instances.suggest-name' }));
  for (const byte of Buffer.from(text)) client.socket.write(Buffer.of(byte));
  expect((await client.message((each) => each.id === 'é')).result).toBeDefined();
  client.socket.write(
    frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'instances.suggest-name' })) +
      frame(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'instances.suggest-name' })),
  );
  await client.message((each) => each.id === 1);
  await client.message((each) => each.id === 2);
});

test('a connection without a greeting ends', async () => {
  const client = await rig.raw();
  expect((await client.message((each) => each.error !== undefined)).error?.data.params['reason']).toMatch(
    /system\.hello did not come/,
  );
  await client.ended();
});
