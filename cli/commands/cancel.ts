// SPDX-License-Identifier: MIT
import { operationId } from '#contract/names.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { CommandContext } from '../command-context.ts';

/** `berth cancel`: cancels an operation that was left running. Its undo goes on after this returns. */
export async function cancel(context: CommandContext, id: string): Promise<void> {
  if (!operationId.safeParse(id).success) throw HelperCallError.of('operation.not-found', { id });
  const connection = await context.connect();
  await connection.request('operations.cancel', { id });
}
