// SPDX-License-Identifier: MIT
import type { CommandContext } from './command-context.ts';
import type { HelperConnection } from './connect.ts';
import type { Followed } from './followed.ts';
import { helperErrorOf } from './helper-error.ts';
import { failureOf } from './instance-operations.ts';
import { showOperations } from './show-operations.ts';

/**
 * Asks for what needs a guest that answers. With `starts` an instance that is stopped is started for it, and one that
 * is on its way is waited for.
 */
export async function onceReachable<Answer>(
  context: CommandContext,
  name: string,
  starts: boolean,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const isNotUp = ['instance.wrong-state', 'guest.ssh-failed'].includes(helperErrorOf(error).code);
    const wayUp = starts && isNotUp ? await bringUp(await context.connect(), name) : undefined;
    if (!wayUp) throw error;
    const [outcome] = await showOperations(context, [wayUp]);
    const failure = outcome && failureOf(outcome);
    if (failure) throw failure;
    return await ask();
  }
}

async function bringUp(connection: HelperConnection, name: string, looks = 2): Promise<Followed | undefined> {
  const { state, operation } = await connection.request('instances.info', { name });
  if (operation && ['launch', 'start', 'restart'].includes(operation.kind)) {
    return { accepted: { operationId: operation.id, target: name, sequence: 0 }, label: `${operation.kind} ${name}` };
  }
  if (state !== 'stopped' && state !== 'suspended') return undefined;
  try {
    return { accepted: await connection.request('instances.start', { name }), label: `start ${name}` };
  } catch (error) {
    // Somebody else asked a moment before: that start is waited for.
    if (looks === 1 || helperErrorOf(error).code !== 'operation.conflict') throw error;
    return await bringUp(connection, name, looks - 1);
  }
}
