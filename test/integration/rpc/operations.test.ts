// SPDX-License-Identifier: MIT
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { OperationAccepted } from '#contract/instances.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { followOperations, type FollowOptions } from '../../../client/follow-operations.ts';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import { HelperError } from '../../../native-helper/core/errors.ts';
import type { Actor } from '../../../native-helper/core/seams/operation.ts';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { OperationManager } from '../../../native-helper/operations/manager.ts';
import type { EventView } from '../../../native-helper/events/event-view.ts';
import { RpcRig } from './rpc-rig.ts';

const log = pino({ level: 'silent' });
let rig: RpcRig;
afterEach(async () => {
  await rig.stop();
});

async function waitForOperation(
  connection: HelperConnection,
  accepted: OperationAccepted,
  options: FollowOptions = {},
): Promise<OperationSummary | undefined> {
  using followed = await followOperations(connection, [accepted], options);
  return await followed.ended[0];
}

/** Operations behind the wire; `start` runs to its end, `launch` fails, `stop` waits to be cancelled. */
async function serveOperations(): Promise<void> {
  const accept = async (kind: 'start' | 'launch' | 'stop', actor: Actor): ReturnType<OperationManager['start']> =>
    await manager.start({ kind, target: kind, actor }, async (job) => {
      for (let i = 0; i <= 4; i += 1) job.report({ step: `step ${i}`, fraction: i / 4 });
      if (kind === 'launch') throw new HelperError('guest.ssh-timeout', { seconds: 1 });
      if (kind === 'stop')
        await new Promise((_, reject) =>
          job.signal.addEventListener('abort', () => reject(job.signal.reason as Error)),
        );
    });
  rig = await RpcRig.start({
    handlers: {
      'instances.start': async (_, { actor }) => await accept('start', actor),
      'instances.launch': async (_, { actor }) => await accept('launch', actor),
      'instances.stop': async (_, { actor }) => await accept('stop', actor),
      'operations.wait': async ({ id }, { actor, signal }) => await manager.wait(id, actor, signal),
      'operations.cancel': async ({ id }, { actor }) => {
        manager.cancel(id, actor);
        return {};
      },
      'operations.list': async (_, { actor }) => manager.list(actor),
    },
  });
  const events = {
    get sequence() {
      return rig.events.sequence;
    },
    publish: (view: EventView) => rig.events.publish(view),
  };
  const manager = new OperationManager({ journal: new Journal(rig.files, log), events, log });
}

test('progress is seen from the first report on, though one subscribes after the start', async () => {
  await serveOperations();
  const connection = await rig.connect();
  const accepted = await connection.request('instances.start', { name: 'start' as never });
  const seen: OperationSummary[] = [];
  expect(
    await waitForOperation(connection, accepted, { onOperation: (operation) => seen.push(operation) }),
  ).toMatchObject({ state: 'succeeded', target: 'start' });
  expect(seen.map((each) => each.progress?.step)).toEqual([
    undefined,
    'step 0',
    'step 1',
    'step 2',
    'step 3',
    'step 4',
    'step 4',
  ]);
});

test('a failed operation is an answer, not a failed call; a cancelled one too', async () => {
  await serveOperations();
  const connection = await rig.connect();
  const launch = await connection.request('instances.launch', { image: 'tiny' as never });
  expect(await waitForOperation(connection, launch)).toMatchObject({
    state: 'failed',
    error: { code: 'guest.ssh-timeout', operationId: launch.operationId },
  });
  const stop = await connection.request('instances.stop', { name: 'stop' as never });
  const controller = new AbortController();
  const withdrawn = waitForOperation(connection, stop, { signal: controller.signal });
  controller.abort();
  await expect(withdrawn).rejects.toMatchObject({ code: 'request.cancelled' });
  expect((await connection.request('operations.list', {})).at(-1)).toMatchObject({
    id: stop.operationId,
    state: 'running',
  });
  await connection.request('operations.cancel', { id: stop.operationId });
  expect(await waitForOperation(connection, stop)).toMatchObject({ state: 'cancelled' });
});
