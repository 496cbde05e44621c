// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { UndoStack } from '../../../native-helper/operations/undo-stack.ts';

test('a step that throws at once is noted, and its limit ends nothing when it comes', async () => {
  const limitMs = 5;
  const undo = new UndoStack(pino({ level: 'silent' }), limitMs);
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  undo.defer(() => {
    throw new Error('tap is gone');
  });
  expect(await undo.undoAll()).toEqual(['undo: tap is gone']);
  // made after the step's, so it fires after it
  await once(AbortSignal.timeout(limitMs * 4), 'abort');
  await new Promise(setImmediate);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('a step that overruns is noted, and the next one runs', async () => {
  const undo = new UndoStack(pino({ level: 'silent' }), 5);
  const order: string[] = [];
  undo.defer(() => void order.push('next'));
  undo.defer(async () => await new Promise<never>(() => {}));
  expect(await undo.undoAll()).toEqual(['undo: not done within 5 ms']);
  expect(order).toEqual(['next']);
});
