// SPDX-License-Identifier: MIT
import { isOffered } from '#contract/verbs.ts';
import type { CommandContext } from '../command-context.ts';
import { meantBy, operateOnInstances } from '../instance-operations.ts';
import { stopRequest, type StopOptions } from './stop.ts';

/** `berth restart`: shuts running instances down and starts them again. */
export async function restart(
  context: CommandContext,
  names: readonly string[],
  options: StopOptions,
): Promise<number> {
  return operateOnInstances(context, {
    verb: 'restart',
    names,
    all: meantBy(options, (instance) => isOffered('restart', instance)),
    waits: options.wait,
    ask: (connection, name) => connection.request('instances.restart', stopRequest(name, options)),
  });
}
