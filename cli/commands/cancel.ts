// SPDX-License-Identifier: MIT
import type { CommandContext } from '../command-context.ts';

/** `berth cancel`: cancels an operation that was left running. Its undo goes on after this returns. */
export async function cancel(context: CommandContext, id: string): Promise<void> {
  const connection = await context.connect();
  await connection.request('operations.cancel', { id });
}
