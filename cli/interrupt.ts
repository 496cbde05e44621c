// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import type { HelperConnection } from './connect.ts';
import type { Followed } from './followed.ts';
import { ask, canAsk, interrupted } from './prompts.ts';
import type { Progress } from './render/progress.ts';

/** The person leaves; the operations go on without us. */
export const leaveRunning = Symbol('leave-running');

export interface InterruptHandling {
  readonly left: Promise<typeof leaveRunning>;
  stop(): void;
}

/**
 * What Ctrl-C does while operations run. Where somebody can answer, it asks: cancel, leave running
 * or go on; Ctrl-C at the question leaves. Where nobody can, it cancels them, and a second one leaves.
 */
export function handleInterrupt(
  connection: HelperConnection,
  progress: Progress,
  open: () => readonly Followed[],
): InterruptHandling {
  const { promise: left, resolve: leave } = Promise.withResolvers<typeof leaveRunning>();
  let isHandling = false;
  const cancelAll = async (): Promise<void> => {
    // Past the point of return or ended meanwhile: the operation's own end tells.
    await Promise.allSettled(
      open().map((each) => connection.request('operations.cancel', { id: each.accepted.operationId })),
    );
  };
  const onTerminal = async (): Promise<void> => {
    progress.pause();
    const labels = open()
      .map((each) => each.label)
      .join(', ');
    const answer = await ask(`\n${say('cli.operation.interrupted', { labels })} `);
    if (answer === 'c' || answer === 'cancel') await cancelAll();
    if (answer === interrupted || answer === 'l' || answer === 'leave') leave(leaveRunning);
    progress.resume();
    isHandling = false;
  };
  const onSignal = (): void => {
    if (isHandling) return leave(leaveRunning);
    isHandling = true;
    void (canAsk() ? onTerminal() : cancelAll());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    left,
    stop: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
