// SPDX-License-Identifier: MIT
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody } from '#contract/events.ts';
import { operationSummary, type OperationSummary } from '#contract/operations.ts';
import { HelperError } from '../../../native-helper/core/errors.ts';
import type { Actor } from '../../../native-helper/core/seams/operation.ts';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { OperationManager } from '../../../native-helper/operations/manager.ts';
import type { OperationJob } from '../../../native-helper/operations/operation.ts';
import { Files } from '../../../native-helper/store/files.ts';

const actor: Actor = { uid: 1000, gid: 1000, pid: 1 };
const root: Actor = { uid: 0, gid: 0, pid: 1 };
const stranger: Actor = { uid: 2000, gid: 2000, pid: 1 };
const log = pino({ level: 'silent' });
const never = AbortSignal.timeout(2 ** 31 - 1);

let directory: string;
let files: Files;
let published: { sequence: number; view: (viewer: Actor) => EventBody | undefined }[];
let manager: OperationManager;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'berth-operations-'));
  files = new Files(directory, directory);
  published = [];
  const events = {
    get sequence() {
      return published.length;
    },
    publish(view: (viewer: Actor) => EventBody | undefined) {
      published.push({ sequence: published.length + 1, view });
    },
  };
  manager = new OperationManager({ journal: new Journal(files, log), events, log });
});
afterEach(() => rmSync(directory, { recursive: true }));

const untilAborted = async ({ signal }: Pick<OperationJob, 'signal'>): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) throw signal.reason;
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  await promise;
};

const told = (viewer: Actor): OperationSummary[] =>
  published.flatMap(({ view }) => {
    const body = view(viewer);
    return body?.topic === 'operation.changed' ? [body.operation] : [];
  });

describe('an operation', () => {
  test('has a durable journal before its start is answered, and none after its end', async () => {
    const gate = Promise.withResolvers<void>();
    const { operationId } = await manager.start(
      { kind: 'launch', target: 'a', actor, journal: { disk: '/x' } },
      async () => await gate.promise,
    );
    expect(JSON.parse(readFileSync(files.operation(operationId), 'utf8'))).toMatchObject({
      schema: 1,
      id: operationId,
      kind: 'launch',
      target: 'a',
      ownerUid: 1000,
      actor,
      isPastReturn: false,
      data: { disk: '/x' },
      notes: [],
    });
    gate.resolve();
    expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'succeeded', cancellable: false });
    expect(existsSync(files.operation(operationId))).toBe(false);
  });

  test('is not begun when the journal cannot be written', async () => {
    writeFileSync(files.operations, 'a file where the directory should be');
    let hasRun = false;
    await expect(
      manager.start({ kind: 'start', target: 'a', actor }, async () => {
        hasRun = true;
      }),
    ).rejects.toMatchObject({ code: 'storage.failed' });
    rmSync(files.operations);
    expect(hasRun).toBe(false);
    const { operationId } = await manager.start({ kind: 'start', target: 'a', actor }, async () => undefined);
    expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'succeeded' });
  });

  test('tells the sequence before its first event, and every summary fits the contract', async () => {
    published.push({ sequence: 1, view: () => undefined });
    const accepted = await manager.start({ kind: 'start', target: 'a', actor }, async (job) =>
      job.report({ step: 'x', fraction: 0.5 }),
    );
    expect(accepted.sequence).toBe(1);
    await manager.wait(accepted.operationId, actor, never);
    for (const summary of told(actor)) expect(operationSummary.parse(summary).id).toBe(accepted.operationId);
    expect(told(actor).map((each) => each.state)).toEqual(['running', 'running', 'succeeded']);
  });

  test('that fails is undone, newest step first, past steps that fail or hang on', async () => {
    const order: string[] = [];
    const { operationId } = await manager.start({ kind: 'launch', target: 'a', actor }, async ({ undo }) => {
      undo.defer(() => void order.push('first'));
      undo.defer(() => {
        order.push('second');
        throw new Error('tap is gone');
      });
      undo.defer(async (signal) => {
        order.push(`third ${signal.aborted}`);
      });
      undo.adopt('fourth', (value) => void order.push(value));
      undo.use({ [Symbol.asyncDispose]: async () => void order.push('fifth') });
      throw new HelperError('guest.ssh-timeout', { seconds: 9 }, { phase: 'sshd', consoleTail: ['panic'] });
    });
    const summary = await manager.wait(operationId, actor, never);
    expect(order).toEqual(['fifth', 'fourth', 'third false', 'second', 'first']);
    expect(summary).toMatchObject({
      state: 'failed',
      error: {
        code: 'guest.ssh-timeout',
        phase: 'sshd',
        consoleTail: ['panic'],
        operationId,
        causes: ['undo: tap is gone'],
      },
    });
  });

  test('that succeeds keeps its effects, also when its work took the undo steps over', async () => {
    const order: string[] = [];
    for (const isMoved of [false, true]) {
      const { operationId } = await manager.start({ kind: 'start', target: 'a', actor }, async ({ undo }) => {
        undo.defer(() => void order.push('undone'));
        if (isMoved) undo.move();
      });
      expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'succeeded' });
    }
    expect(order).toEqual([]);
  });

  test('with an unforeseen failure ends as internal.bug', async () => {
    const { operationId } = await manager.start({ kind: 'start', target: 'a', actor }, async () => {
      throw new TypeError('x is undefined');
    });
    expect(await manager.wait(operationId, actor, never)).toMatchObject({
      state: 'failed',
      error: { code: 'internal.bug', params: { reason: 'x is undefined' } },
    });
  });

  test('reports five times a second, the first of each step and the last always', async () => {
    const { operationId } = await manager.start({ kind: 'image-import', target: 'a', actor }, async (job) => {
      const end = performance.now() + 900;
      for (let bytes = 0; performance.now() < end; bytes += 1) {
        job.report({ step: 'convert', bytes });
        await new Promise((resolve) => setImmediate(resolve));
      }
      job.report({ step: 'hash' });
      job.report({ step: 'hash', fraction: 1 });
    });
    await manager.wait(operationId, actor, never);
    const steps = told(actor).map((each) => each.progress);
    const converted = steps.filter((each) => each?.step === 'convert');
    expect(converted[0]).toEqual({ step: 'convert', bytes: 0 });
    expect(converted.length).toBeGreaterThanOrEqual(3);
    expect(converted.length).toBeLessThanOrEqual(6);
    expect(steps.slice(-2)).toEqual([{ step: 'hash' }, { step: 'hash', fraction: 1 }]);
  });
});

describe('cancelling', () => {
  test('aborts, undoes, and is heard of when it is over', async () => {
    const order: string[] = [];
    const { operationId } = await manager.start({ kind: 'launch', target: 'a', actor }, async (job) => {
      job.undo.defer(() => void order.push('undone'));
      await untilAborted(job);
    });
    manager.cancel(operationId, actor);
    manager.cancel(operationId, actor);
    expect(await manager.wait(operationId, actor, never)).toMatchObject({
      state: 'cancelled',
      error: { code: 'operation.cancelled', operationId },
    });
    expect(order).toEqual(['undone']);
    manager.cancel(operationId, actor);
  });

  test('is refused past the point of no return, and after another end', async () => {
    const gate = Promise.withResolvers<void>();
    const passed = Promise.withResolvers<void>();
    const { operationId } = await manager.start({ kind: 'purge', target: 'a', actor }, async (job) => {
      job.pointOfNoReturn();
      passed.resolve();
      await gate.promise;
    });
    await passed.promise;
    expect(() => manager.cancel(operationId, actor)).toThrow(
      expect.objectContaining({ code: 'operation.past-return' }),
    );
    expect(manager.current('a')).toMatchObject({ cancellable: false });
    await expect
      .poll(() => JSON.parse(readFileSync(files.operation(operationId), 'utf8')).isPastReturn, { timeout: 60_000 })
      .toBe(true);
    gate.resolve();
    await manager.wait(operationId, actor, never);
    expect(() => manager.cancel(operationId, actor)).toThrow(
      expect.objectContaining({ code: 'operation.past-return' }),
    );
  });

  test('just before the point of no return, that point is not passed', async () => {
    const gate = Promise.withResolvers<void>();
    const { operationId } = await manager.start({ kind: 'purge', target: 'a', actor }, async (job) => {
      await gate.promise;
      job.pointOfNoReturn();
      throw new Error('not reached');
    });
    manager.cancel(operationId, actor);
    gate.resolve();
    expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'cancelled' });
  });

  test('is for the owner and root; to others the operation does not exist', async () => {
    const { operationId } = await manager.start(
      { kind: 'launch', target: 'a', actor: root, ownerUid: 1000 },
      untilAborted,
    );
    expect(() => manager.cancel(operationId, stranger)).toThrow(
      expect.objectContaining({ code: 'operation.not-found' }),
    );
    await expect(manager.wait(operationId, stranger, never)).rejects.toMatchObject({ code: 'operation.not-found' });
    expect(manager.list(stranger)).toEqual([]);
    expect(told(stranger)).toEqual([]);
    expect(told(root)).toHaveLength(1);
    manager.cancel(operationId, actor);
    await manager.wait(operationId, root, never);
    await expect(manager.wait(operationId, stranger, never)).rejects.toMatchObject({ code: 'operation.not-found' });
  });

  test('a wait can be withdrawn', async () => {
    const { operationId } = await manager.start({ kind: 'launch', target: 'a', actor }, untilAborted);
    const controller = new AbortController();
    const waiting = manager.wait(operationId, actor, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    manager.cancel(operationId, actor);
    await manager.wait(operationId, actor, never);
  });
});

describe('one at a time', () => {
  test("an image's name is each user's own, and asking the remotes is none", async () => {
    const first = await manager.start({ kind: 'image-import', target: 'remotes', actor }, untilAborted);
    await expect(
      manager.start({ kind: 'image-fetch', target: 'remotes', actor }, async () => undefined),
    ).rejects.toMatchObject({ code: 'operation.conflict' });
    for (const who of [actor, stranger, root])
      await manager.start({ kind: 'image-refresh', target: 'remotes', actor: who }, async () => undefined);
    for (const who of [stranger, root])
      await manager.start({ kind: 'image-import', target: 'remotes', actor: who }, async () => undefined);
    manager.cancel(first.operationId, actor);
    await manager.wait(first.operationId, actor, never);
  });

  test('one that is not announced yet keeps others out, and nothing tells of it', async () => {
    const journaled = Promise.withResolvers<void>();
    const journal = {
      write: async () => await journaled.promise,
      remove: async () => undefined,
    } as Partial<Journal> as Journal;
    const slow = new OperationManager({ journal, events: { sequence: 0, publish: () => undefined }, log });
    const start = slow.start({ kind: 'start', target: 'a', actor }, async () => undefined);
    expect(slow.current('a')).toBeUndefined();
    await expect(slow.start({ kind: 'delete', target: 'a', actor }, async () => undefined)).rejects.toMatchObject({
      code: 'operation.conflict',
      params: { name: 'a', kind: 'start' },
    });
    journaled.reject(new HelperError('storage.failed', { action: 'write', path: '/x', reason: 'no' }));
    await expect(start).rejects.toMatchObject({ code: 'storage.failed' });
    expect(slow.current('a')).toBeUndefined();
    const later = slow.start({ kind: 'delete', target: 'a', actor }, async () => undefined);
    await expect(later).rejects.toMatchObject({ code: 'storage.failed' });
  });

  test('while one that takes the place of another is not announced, that one is told', async () => {
    const start = await manager.start({ kind: 'start', target: 'a', actor }, untilAborted);
    const stop = manager.start({ kind: 'stop', target: 'a', actor, supersede: ['start'] }, async () => undefined);
    expect(manager.current('a')).toMatchObject({ id: start.operationId, state: 'running' });
    const { operationId } = await stop;
    expect(manager.current('a')).toMatchObject({ id: operationId, state: 'running' });
    expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'succeeded' });
  });

  test('a second one on an instance is refused; another instance and an image of that name are not', async () => {
    const first = await manager.start({ kind: 'start', target: 'a', actor }, untilAborted);
    await expect(manager.start({ kind: 'delete', target: 'a', actor }, async () => undefined)).rejects.toMatchObject({
      code: 'operation.conflict',
      params: { name: 'a', kind: 'start' },
    });
    const others = [
      await manager.start({ kind: 'start', target: 'b', actor }, async () => undefined),
      await manager.start({ kind: 'image-import', target: 'a', actor }, async () => undefined),
    ];
    for (const { operationId } of others)
      expect(await manager.wait(operationId, actor, never)).toMatchObject({ state: 'succeeded' });
    manager.cancel(first.operationId, actor);
    await manager.wait(first.operationId, actor, never);
    await manager.wait(
      (await manager.start({ kind: 'delete', target: 'a', actor }, async () => undefined)).operationId,
      actor,
      never,
    );
  });

  test('whoever hears of the end can start at once, and nothing is current', async () => {
    const heard: unknown[] = [];
    manager.onChange((summary) => {
      if (summary.state !== 'running' && heard.length === 0)
        heard.push(
          manager.current('a'),
          manager.start({ kind: 'stop', target: 'a', actor }, async () => undefined),
        );
    });
    const { operationId } = await manager.start({ kind: 'start', target: 'a', actor }, async () => undefined);
    await manager.wait(operationId, actor, never);
    expect(heard[0]).toBeUndefined();
    const next = await (heard[1] as ReturnType<OperationManager['start']>);
    expect(await manager.wait(next.operationId, actor, never)).toMatchObject({ state: 'succeeded' });
  });

  test('a stop takes the place of a start: it is undone first; a third is refused', async () => {
    const order: string[] = [];
    const start = await manager.start({ kind: 'start', target: 'a', actor }, async (job) => {
      job.undo.defer(async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push('start undone');
      });
      await untilAborted(job);
    });
    const stop = await manager.start(
      { kind: 'stop', target: 'a', actor, supersede: ['start'] },
      async () => void order.push('stop'),
    );
    expect(manager.current('a')).toMatchObject({ id: stop.operationId, state: 'running' });
    await expect(
      manager.start({ kind: 'delete', target: 'a', actor, supersede: ['start', 'stop'] }, async () => undefined),
    ).rejects.toMatchObject({ code: 'operation.conflict', params: { kind: 'stop' } });
    expect(await manager.wait(stop.operationId, actor, never)).toMatchObject({ state: 'succeeded' });
    expect(await manager.wait(start.operationId, actor, never)).toMatchObject({ state: 'cancelled' });
    expect(order).toEqual(['start undone', 'stop']);
    expect(manager.current('a')).toBeUndefined();
  });

  test('only the kinds that may be superseded are', async () => {
    const stop = await manager.start({ kind: 'stop', target: 'a', actor }, untilAborted);
    await expect(
      manager.start({ kind: 'stop', target: 'a', actor, supersede: ['start'] }, async () => undefined),
    ).rejects.toMatchObject({ code: 'operation.conflict' });
    const forced = await manager.start(
      { kind: 'stop', target: 'a', actor, supersede: ['start', 'stop'] },
      async () => undefined,
    );
    expect(await manager.wait(forced.operationId, actor, never)).toMatchObject({ state: 'succeeded' });
    expect(await manager.wait(stop.operationId, actor, never)).toMatchObject({ state: 'cancelled' });
  });

  test('what cannot be cancelled any more is waited for; the one that waits can be cancelled', async () => {
    const gate = Promise.withResolvers<void>();
    const start = await manager.start({ kind: 'start', target: 'a', actor }, async (job) => {
      job.pointOfNoReturn();
      await gate.promise;
    });
    const order: string[] = [];
    const stop = await manager.start(
      { kind: 'stop', target: 'a', actor, supersede: ['start'] },
      async () => void order.push('stop'),
    );
    manager.cancel(stop.operationId, actor);
    gate.resolve();
    expect(await manager.wait(start.operationId, actor, never)).toMatchObject({ state: 'succeeded' });
    expect(await manager.wait(stop.operationId, actor, never)).toMatchObject({ state: 'cancelled' });
    expect(order).toEqual([]);
  });
});

test('the last 200 ended ones are kept', async () => {
  for (let i = 0; i < 210; i += 1)
    await manager.wait(
      (await manager.start({ kind: 'start', target: `i${i}`, actor }, async () => undefined)).operationId,
      actor,
      never,
    );
  expect(manager.list(actor).map((each) => each.target)).toEqual(Array.from({ length: 200 }, (_, i) => `i${i + 10}`));
});

test('closing undoes what runs, as interrupted, and takes nothing new', async () => {
  const order: string[] = [];
  const { operationId } = await manager.start({ kind: 'launch', target: 'a', actor }, async (job) => {
    job.undo.defer(() => void order.push('undone'));
    await untilAborted(job);
  });
  const stuck = await manager.start({ kind: 'purge', target: 'b', actor }, async (job) => {
    job.pointOfNoReturn();
    await Promise.withResolvers<void>().promise;
  });
  await manager.close(200);
  expect(order).toEqual(['undone']);
  expect(await manager.wait(operationId, actor, never)).toMatchObject({
    state: 'failed',
    error: { code: 'operation.interrupted' },
  });
  expect(existsSync(files.operation(operationId))).toBe(false);
  expect(existsSync(files.operation(stuck.operationId))).toBe(true);
  await expect(manager.start({ kind: 'start', target: 'c', actor }, async () => undefined)).rejects.toMatchObject({
    code: 'operation.interrupted',
  });
});
