// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { encodeCredit, encodeFrame, mostDataBytes } from '../../../native-helper/guest/lanes/frames.ts';
import { windowBytes } from '../../../native-helper/guest/lanes/lane.ts';
import { Lanes } from '../../../native-helper/guest/lanes/lanes.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

async function socketPair(): Promise<[Socket, Socket]> {
  const address = path.join(tmpdir(), `lanes-${randomBytes(6).toString('hex')}`);
  const server = createServer().listen(address);
  await once(server, 'listening');
  const client = connect(address);
  const [peer] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(client, peer);
  return [client, peer];
}

/** The helper's side, and the bare socket of a process that may say anything. */
async function againstAnything(): Promise<{ lanes: Lanes; raw: Socket; over: Promise<string | undefined> }> {
  const [ours, raw] = await socketPair();
  const over = Promise.withResolvers<string | undefined>();
  raw.on('error', () => undefined).resume();
  const lanes = new Lanes(ours, {
    mostMessageBytes: 100,
    onMessage: () => undefined,
    onOver: (violation) => over.resolve(violation?.message),
  });
  return { lanes, raw, over: over.promise };
}

it('carries much in both directions at once, at the pace of slow readers, and ends with all of it', async () => {
  const [a, b] = await socketPair();
  const quiet = { mostMessageBytes: 100, onMessage: () => undefined, onOver: () => undefined };
  const lane = new Lanes(a, quiet).open(1);
  const echo = new Lanes(b, quiet).open(1);
  echo.pipe(echo);
  const sent = randomBytes(10 * 1024 * 1024);
  const got: Buffer[] = [];
  lane.end(sent);
  await pipeline(
    lane,
    new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        got.push(chunk);
        setImmediate(done);
      },
    }),
  );
  expect(Buffer.concat(got).equals(sent)).toBe(true);
});

it('what nobody reads stops at the window', async () => {
  const [a, b] = await socketPair();
  const quiet = { mostMessageBytes: 100, onMessage: () => undefined, onOver: () => undefined };
  const lane = new Lanes(a, quiet).open(1);
  new Lanes(b, quiet).open(1);
  lane.write(Buffer.alloc(4 * windowBytes));
  for (let turns = 0; turns < 50; turns += 1) await turn();
  expect(a.bytesWritten).toBeLessThan(1.1 * windowBytes);
});

it.each([
  ['more than it was allowed', Array.from({ length: 5 }, () => encodeFrame('data', 1, Buffer.alloc(mostDataBytes)))],
  ['a frame that is too long', [encodeFrame('data', 1, Buffer.alloc(mostDataBytes + 1))]],
  ['a message that is too long', [encodeFrame('message', 0, Buffer.alloc(101, ' '))]],
  ['a message that is no JSON', [encodeFrame('message', 0, Buffer.from('{'))]],
  ['a frame of no kind', [Buffer.from([0, 0, 0, 5, 9, 0, 0, 0, 1])]],
  ['a frame of no length', [Buffer.from([0, 0, 0, 0, 1, 0, 0, 0, 1])]],
  ['a lane that was never opened', [encodeFrame('data', 7, Buffer.alloc(1))]],
  ['more back than was sent', [encodeCredit(1, 1)]],
  ['two ends', [encodeFrame('end', 1), encodeFrame('end', 1)]],
  [
    'endless bytes on a lane that is over',
    [encodeFrame('reset', 1), ...Array.from({ length: 20 }, () => encodeFrame('data', 1, Buffer.alloc(mostDataBytes)))],
  ],
])('a process that sends %s is not listened to any more', async (_, frames) => {
  const { lanes, raw, over } = await againstAnything();
  lanes.open(1);
  for (const frame of frames) raw.write(frame);
  expect(await over).toBeTypeOf('string');
});

it('a process that does not read what it is told is given up', async () => {
  const { lanes, raw, over } = await againstAnything();
  raw.pause();
  for (let count = 0; count < 200; count += 1) lanes.say('x'.repeat(100_000));
  expect(await over).toContain('does not read');
});

it('the end of the socket ends the lanes: what came is read, what is written goes nowhere', async () => {
  const { lanes, raw, over } = await againstAnything();
  const lane = lanes.open(1);
  raw.end(encodeFrame('data', 1, Buffer.from('last words')));
  expect(await over).toBeUndefined();
  let text = '';
  for await (const chunk of lane) text += String(chunk);
  expect(text).toBe('last words');
});
