// SPDX-License-Identifier: MIT
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { BlockReader } from '../../../native-helper/process/block-reader.ts';
import { socketPair } from '../../../native-helper/process/socket-pair.ts';

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});

function connected(): { readonly reader: BlockReader; readonly writer: Socket } {
  const [ours, theirs] = socketPair();
  const pair = { reader: new BlockReader(ours), writer: new Socket({ fd: theirs }) };
  open.push(pair.reader, pair.writer);
  return pair;
}

const digest = (parts: Iterable<Buffer>): string =>
  [...parts].reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

it('gives out all that was sent, in order, whatever the sizes of the writes and the pace of the reader', async () => {
  const { reader, writer } = connected();
  const sent = Array.from({ length: 60 }, (_, index) => randomBytes(1 + ((index * 7919) % 90_001))).concat(
    randomBytes(4_000_000),
  );
  const sending = (async () => {
    for (const part of sent) if (!writer.write(part)) await once(writer, 'drain');
    writer.end();
  })();
  const received: Buffer[] = [];
  for await (const block of reader) {
    received.push(Buffer.from(block));
    if (received.length % 3 === 0) await delay(1);
  }
  await sending;
  expect(digest(received)).toBe(digest(sent));
});

it('leaves a block as it is until the next but one is asked for', async () => {
  const { reader, writer } = connected();
  writer.end(randomBytes(6_000_000));
  let last: { readonly block: Buffer; readonly digest: string } | undefined;
  for await (const block of reader) {
    await delay(1); // what goes on coming must not come into it
    if (last) expect(digest([last.block])).toBe(last.digest);
    last = { block, digest: digest([block]) };
  }
  expect(last).toBeDefined();
});

it('does not wait for more than there is', async () => {
  const { reader, writer } = connected();
  for (const word of ['one', 'two']) {
    writer.write(word);
    await delay(10); // it has come before it is asked for, and after
    expect((await reader.next()).value?.toString()).toBe(word);
  }
  const waiting = reader.next();
  writer.write('three');
  expect((await waiting).value?.toString()).toBe('three');
});

it('holds the other side up while the reader has no time', async () => {
  const { reader, writer } = connected();
  writer.write(Buffer.alloc(16_000_000));
  await delay(50);
  expect(writer.writableLength).toBeGreaterThan(10_000_000);
  const drained = once(writer, 'drain');
  let bytes = 0;
  while (bytes < 16_000_000) bytes += (await reader.next()).value?.length ?? 0;
  await drained;
});
