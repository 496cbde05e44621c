// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { streamGreeting } from '#contract/protocol.ts';
import { streamAccepted, streamRefused } from '#contract/streams.ts';
import { openStream } from '../../../client/open-stream.ts';
import { RpcRig } from './rpc-rig.ts';

let rig: RpcRig;
const uid = process.getuid?.() ?? 0;
beforeEach(async () => {
  rig = await RpcRig.start({ streamTokenMs: 200, limits: { messageTimeoutMs: 300 } });
});
afterEach(async () => {
  await rig.stop();
});

const echo = (socket: Duplex): void => void socket.pipe(socket);

test('bytes go both ways, and each side ends on its own', async () => {
  const received = Promise.withResolvers<string>();
  const token = rig.streams.offer(uid, (socket) => {
    void text(socket).then((all) => {
      received.resolve(all);
      socket.end('answer after your end');
    });
  });
  const stream = await (await rig.connect()).openStream(token);
  stream.end('question');
  expect(await text(stream)).toBe('answer after your end');
  expect(await received.promise).toBe('question');
});

test('20 MB pass unchanged with back-pressure', async () => {
  const token = rig.streams.offer(uid, echo);
  const stream = await (await rig.connect()).openStream(token);
  const chunk = Buffer.alloc(1024 * 1024, 'abcdefghij');
  const sum = (async () => {
    let bytes = 0;
    for await (const part of stream) bytes += (part as Buffer).length;
    return bytes;
  })();
  for (let i = 0; i < 20; i += 1)
    if (!stream.write(chunk)) await new Promise((resolve) => stream.once('drain', resolve));
  stream.end();
  expect(await sum).toBe(20 * chunk.length);
});

test('bytes behind the greeting in the same packet, and a greeting in pieces, are kept', async () => {
  for (const pieces of [
    (line: string) => [`${line}early bytes`],
    (line: string) => [...line.split(/(?<=.)/), 'early bytes'],
  ]) {
    const token = rig.streams.offer(uid, echo);
    const client = await rig.raw(rig.files.streamSocket);
    for (const piece of pieces(`${streamGreeting} ${token}\n`)) client.socket.write(piece);
    client.socket.removeAllListeners('data');
    client.socket.end();
    expect(await text(client.socket)).toBe(`${streamAccepted}early bytes`);
  }
});

test('what the helper sends at once is behind the answer', async () => {
  const token = rig.streams.offer(uid, (socket) => void socket.end('first bytes'));
  expect(await text(await (await rig.connect()).openStream(token))).toBe('first bytes');
});

test('a token works once', async () => {
  const token = rig.streams.offer(uid, echo);
  const connection = await rig.connect();
  const stream = await connection.openStream(token);
  await expect(connection.openStream(token)).rejects.toMatchObject({ code: 'stream.unknown' });
  stream.destroy();
});

test('a late token is void, and its offerer hears of it', async () => {
  const unused = Promise.withResolvers<void>();
  const token = rig.streams.offer(uid, echo, unused.resolve);
  await unused.promise;
  await expect(openStream(rig.files.streamSocket, token)).rejects.toMatchObject({ code: 'stream.unknown' });
});

test('the token of another uid is void for us and stays good for them', async () => {
  const token = rig.streams.offer(4000, echo);
  await expect(openStream(rig.files.streamSocket, token)).rejects.toMatchObject({ code: 'stream.unknown' });
  expect(rig.streams.take(token, { uid: 4000, gid: 0, pid: 1 })).toBe(echo);
});

test.each([
  ['garbage\n'],
  ['\n'],
  [`${streamGreeting} ${'z'.repeat(32)}\n`],
  ['x'.repeat(5000)],
  [`${streamGreeting} ${'0'.repeat(32)}0\n`],
])('a wrong greeting is refused: %j', async (greeting) => {
  const client = await rig.raw(rig.files.streamSocket);
  client.socket.removeAllListeners('data');
  client.socket.write(greeting);
  expect(await text(client.socket)).toBe(streamRefused);
});

test('silence instead of a greeting ends in time', async () => {
  const client = await rig.raw(rig.files.streamSocket);
  await client.ended();
  expect(client.messages).toEqual([]);
});

test('an opener that throws ends its stream only', async () => {
  const token = rig.streams.offer(uid, () => {
    throw new Error('no');
  });
  const connection = await rig.connect();
  const stream = await connection.openStream(token);
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve).end());
  expect(await connection.request('instances.suggest-name', {})).toBeDefined();
});
