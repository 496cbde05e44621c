// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import { isLegal } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { unlessAlready } from '../already.ts';
import { failureOf, meantBy, operateOnInstances, type Meant } from '../instance-operations.ts';
import { showOperations } from '../show-operations.ts';
import type { HelperCallError } from '../../client/helper-call-error.ts';
import { canAsk, confirm } from '../prompts.ts';

export interface StopOptions extends Meant {
  readonly force?: boolean | undefined;
  readonly timeout?: number | undefined;
  readonly wait: boolean;
}

/** `berth stop`: asks the guest to shut down. When it does not in time and somebody can answer, offers to force it. */
export async function stop(context: CommandContext, names: readonly string[], options: StopOptions): Promise<number> {
  return operateOnInstances(context, {
    verb: 'stop',
    names,
    all: meantBy(options, (instance) => isMeant(instance, options.force === true)),
    waits: options.wait,
    ask: (connection, name) =>
      unlessAlready('stop', () => connection.request('instances.stop', stopRequest(name, options))),
    onFailure: (name, error) => offerForce(context, name, error),
  });
}

/** All that run; what is shutting down already only to force it, and no saved memory is discarded so. */
function isMeant({ state }: InstanceSummary, isForced: boolean): boolean {
  return isLegal('stop', state) && state !== 'suspended' && (isForced || state !== 'stopping');
}

/** The parameters that stop and restart share. */
export function stopRequest(
  name: string,
  options: Pick<StopOptions, 'force' | 'timeout'>,
): { name: string; force: boolean; timeoutSeconds?: number } {
  return {
    name,
    force: options.force === true,
    ...(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout }),
  };
}

async function offerForce(
  context: CommandContext,
  name: string,
  error: HelperCallError,
): Promise<HelperCallError | undefined> {
  if (error.data.code !== 'guest.stop-timeout' || !canAsk()) return error;
  if (!(await confirm(say('cli.stop.power-off', { name })))) return error;
  const connection = await context.connect();
  const accepted = await connection.request('instances.stop', stopRequest(name, { force: true }));
  const [outcome] = await showOperations(context, [{ accepted, label: `stop ${name}` }]);
  return outcome && failureOf(outcome);
}
