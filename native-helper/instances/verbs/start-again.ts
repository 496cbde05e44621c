// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { PhaseRecord } from '#contract/operations.ts';
import { messageOf, toErrorData, toHelperError } from '../../core/errors.ts';
import type { OperationJob } from '../../operations/operation.ts';
import { Slots } from '../../core/slots.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { comeUp } from './start.ts';

/** A boot takes processors and disk for itself: more at once make none of them quicker. */
const atOnce = 2;
/** The next begins when SSH of one answers, or so long after its start: one that does not come up holds up nobody. */
const longestTurnMs = 120_000;
/** Root's, not the owner's: it counts against no quota of his, and he sees it and may cancel it. */
const helperItself = { uid: 0, gid: 0, pid: process.pid } as const;

/**
 * Starts the instances that are to run and have no machine: they ran when this computer went off. Each has an operation
 * of its own at once, and they take their turns in the order in which they were last started. Where they are not to be
 * started again, they are stopped from here on.
 */
export async function startAgain(services: InstanceServices, isWanted: () => Promise<boolean>): Promise<void> {
  const { registry, operations, log } = services;
  const left = registry
    .all()
    .filter(isLeft)
    .sort((a, b) => lastStart(a).localeCompare(lastStart(b)));
  if (left.length === 0) return;
  const wanted = await isWanted().catch((error: unknown) => {
    log.warn(
      { reason: messageOf(error) },
      'it is not known whether instances are to be started again: they stay stopped',
    );
    return false;
  });
  const turns = new Slots(atOnce);
  for (const instance of left) {
    const {
      name,
      record: { owner },
    } = instance;
    try {
      if (!wanted) await registry.update(instance, () => ({ desired: 'stopped' }));
      else
        await operations.start(
          { kind: 'start', target: name, actor: helperItself, ownerUid: owner.uid },
          async (ctx) => await inTurn(services, instance, turns, ctx),
        );
    } catch (error) {
      log.warn({ instance: name, reason: messageOf(error) }, 'an instance that ran is not started again');
    }
  }
}

/**
 * `desired` and the machine are written at once, by a start and at an end: the one without the other is a start that is
 * owed.
 */
function isLeft({ record, boot, isUncertain }: Instance): boolean {
  return (
    record.desired === 'running' &&
    record.launchedAt !== undefined &&
    record.deletedAt === undefined &&
    record.machine === undefined &&
    boot === undefined &&
    !isUncertain
  );
}

function lastStart({ record }: Instance): string {
  return record.boots.at(-1)?.startedAt ?? '';
}

async function inTurn(services: InstanceServices, instance: Instance, turns: Slots, ctx: OperationJob): Promise<void> {
  const { registry, operations } = services;
  // Deferred first, so the last to be done: who ends the helper does not stop the instance.
  ctx.undo.defer(
    async () => await registry.update(instance, () => ({ desired: operations.isClosing ? 'running' : 'stopped' })),
  );
  ctx.report({ step: 'waits for its turn' });
  const whole = Promise.withResolvers<void>();
  await turns.hold(ctx.signal, async () => {
    const over = new AbortController();
    void comeUp(services, instance, ctx).then(whole.resolve, whole.reject);
    const enough = [
      whole.promise,
      sshAnswered(services, instance, over.signal),
      sleep(longestTurnMs, undefined, { signal: over.signal }),
    ];
    await Promise.race(enough).catch(() => undefined); // how it ends is told below
    over.abort();
    await Promise.allSettled(enough.slice(1));
  });
  try {
    await whole.promise;
  } catch (error) {
    if (!ctx.signal.aborted) await registry.update(instance, () => ({ lastError: toErrorData(toHelperError(error)) }));
    throw error;
  }
}

/** Resolves when SSH of the instance's next boot answers, or `over` is aborted. */
async function sshAnswered({ registry }: InstanceServices, instance: Instance, over: AbortSignal): Promise<void> {
  const before = instance.record.boots.at(-1)?.number ?? 0;
  const answered = Promise.withResolvers<void>();
  const look = (changed: Instance, boot: number, records: readonly PhaseRecord[]): void => {
    if (
      changed === instance &&
      boot > before &&
      records.some(({ phase, state }) => phase === 'sshd' && state === 'done')
    )
      answered.resolve();
  };
  const end = (): void => answered.resolve();
  registry.on('phases', look);
  over.addEventListener('abort', end, { once: true });
  try {
    await answered.promise;
  } finally {
    registry.off('phases', look);
    over.removeEventListener('abort', end);
  }
}
