// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { HelperEvent } from '#contract/events.ts';
import type { InstanceName } from '#contract/names.ts';
import { limits } from '#contract/protocol.ts';
import type { EventView } from '../../../native-helper/events/event-view.ts';
import { RpcRig } from './rpc-rig.ts';

let rig: RpcRig;
afterEach(async () => {
  await rig.stop();
});

const removed =
  (number: number): EventView =>
  () => ({ topic: 'instance.removed', name: `i${number}` as InstanceName });
/** 2 KiB, so that a megabyte is soon there. */
const large: EventView = () => ({
  topic: 'instance.phases',
  name: 'a' as InstanceName,
  boot: 1,
  phases: [{ phase: 'kernel', state: 'done', evidence: 'x'.repeat(2000) }],
});

test('a subscription begins with a snapshot and goes on with each event once', async () => {
  rig = await RpcRig.start();
  rig.events.publish(removed(1));
  const connection = await rig.connect();
  const seen: number[] = [];
  connection.onEvent((event) => seen.push(event.sequence));
  const answer = await connection.request('events.subscribe', {});
  expect(answer).toMatchObject({ bootId: rig.events.bootId, sequence: 1, snapshot: { instances: [] } });
  for (let i = 2; i <= 50; i += 1) rig.events.publish(removed(i));
  await expect.poll(() => seen.length).toBe(49);
  expect(seen).toEqual(Array.from({ length: 49 }, (_, i) => i + 2));
});

test('events that come before the reply is written follow it', async () => {
  rig = await RpcRig.start({
    handlers: {
      'events.subscribe': async ({ since }, call) => {
        const answer = await rig.events.subscribe(call, since);
        for (let i = 0; i < 5; i += 1) rig.events.publish(removed(i));
        return answer;
      },
    },
  });
  const client = await rig.raw();
  await client.greet();
  client.send({ jsonrpc: '2.0', id: 1, method: 'events.subscribe', params: {} });
  await client.message(() => client.messages.length === 7);
  expect(client.messages.map((each) => each.id ?? (each.params as HelperEvent).sequence)).toEqual([
    'hello',
    1,
    1,
    2,
    3,
    4,
    5,
  ]);
});

test('an event beyond the limit of a message is left out, and its readers stay connected', async () => {
  rig = await RpcRig.start();
  const connection = await rig.connect();
  const seen: number[] = [];
  connection.onEvent((event) => seen.push(event.sequence));
  await connection.request('events.subscribe', {});
  rig.events.publish(() => ({ topic: 'instance.removed', name: 'x'.repeat(limits.messageBytes) as InstanceName }));
  rig.events.publish(removed(2));
  await expect.poll(() => seen).toEqual([2]);
});

test('a second subscription takes the place of the first', async () => {
  rig = await RpcRig.start();
  const connection = await rig.connect();
  const seen: number[] = [];
  connection.onEvent((event) => seen.push(event.sequence));
  await connection.request('events.subscribe', {});
  await connection.request('events.subscribe', {});
  rig.events.publish(removed(1));
  await connection.request('instances.suggest-name', {});
  expect(seen).toEqual([1]);
});

test('a viewer is told what is theirs, with the numbers of all', async () => {
  rig = await RpcRig.start();
  const connection = await rig.connect();
  const seen: number[] = [];
  connection.onEvent((event) => seen.push(event.sequence));
  await connection.request('events.subscribe', {});
  rig.events.publish((viewer) =>
    viewer.uid === 4000 ? { topic: 'instance.removed', name: 'theirs' as InstanceName } : undefined,
  );
  rig.events.publish(() => {
    throw new Error('cannot be shown');
  });
  rig.events.publish(removed(3));
  await expect.poll(() => seen).toEqual([3]);
});

test('what cannot be continued begins with a snapshot again', async () => {
  rig = await RpcRig.start({ eventCapacity: 10 });
  for (let i = 0; i < 30; i += 1) rig.events.publish(removed(i));
  const connection = await rig.connect();
  const { bootId } = rig.events;
  for (const since of [
    { bootId: 'another', sequence: 30 },
    { bootId, sequence: 31 },
    { bootId, sequence: 19 },
    { bootId, sequence: -1 },
  ]) {
    expect(await connection.request('events.subscribe', { since }), JSON.stringify(since)).toMatchObject({
      sequence: 30,
      snapshot: {},
    });
  }
  for (const sequence of [20, 25, 30])
    expect(await connection.request('events.subscribe', { since: { bootId, sequence } })).toEqual({ bootId, sequence });
});

test('clients that come and go under a publisher at full speed miss none and see none twice', async () => {
  rig = await RpcRig.start();
  let isPublishing = true;
  const publisher = (async () => {
    while (isPublishing) {
      for (let i = 0; i < 20; i += 1) rig.events.publish(removed(rig.events.sequence + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 2, maxLength: 6 }), async (lengths) => {
      let since: { bootId: string; sequence: number } | undefined;
      for (const length of lengths) {
        const connection = await rig.connect();
        const seen: HelperEvent[] = [];
        const enough = Promise.withResolvers<void>();
        connection.onEvent((event) => {
          if (seen.push(event) >= length) enough.resolve();
        });
        const answer = await connection.request('events.subscribe', since ? { since } : {});
        await enough.promise;
        connection.close();
        if (since && answer.snapshot === undefined) expect(answer.sequence).toBe(since.sequence);
        const numbers = seen.map((event) => event.sequence);
        expect(numbers).toEqual(numbers.map((_, i) => answer.sequence + 1 + i));
        expect(
          seen.every(({ body, sequence }) => body.topic === 'instance.removed' && body.name === `i${sequence}`),
        ).toBe(true);
        since = { bootId: answer.bootId, sequence: numbers.at(-1) ?? 0 };
      }
    }),
    { numRuns: 15 },
  );
  isPublishing = false;
  await publisher;
});

test('a subscriber that does not read is cut off, costs no memory, and can come back', async () => {
  rig = await RpcRig.start();
  const slow = await rig.raw();
  await slow.greet();
  slow.send({ jsonrpc: '2.0', id: 1, method: 'events.subscribe', params: {} });
  await slow.message((each) => each.id === 1);
  slow.socket.pause();
  const quick = await rig.connect();
  let seen = 0;
  quick.onEvent(() => {
    seen += 1;
  });
  await quick.request('events.subscribe', {});
  const before = process.memoryUsage().rss;
  const total = 20_000;
  for (let i = 1; i <= total; i += 1) {
    rig.events.publish(large);
    while (seen < i) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  slow.socket.resume();
  await slow.ended();
  const numbers = slow.messages
    .filter((each) => each.method === 'event')
    .map((each) => (each.params as HelperEvent).sequence);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  expect(numbers.length).toBeLessThan(total);
  expect(
    await (
      await rig.connect()
    ).request('events.subscribe', { since: { bootId: rig.events.bootId, sequence: total - 1 } }),
  ).not.toHaveProperty('snapshot');
});

test('a subscriber that only pauses gets all of it in the end', async () => {
  rig = await RpcRig.start({ eventCapacity: 50_000 });
  const slow = await rig.raw();
  await slow.greet();
  slow.send({ jsonrpc: '2.0', id: 1, method: 'events.subscribe', params: {} });
  await slow.message((each) => each.id === 1);
  slow.socket.pause();
  for (let i = 1; i <= 20_000; i += 1) rig.events.publish(removed(i));
  slow.socket.resume();
  await slow.message(() => slow.messages.length === 20_002);
  expect(slow.messages.at(-1)?.params).toMatchObject({ sequence: 20_000 });
});
