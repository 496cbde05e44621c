// SPDX-License-Identifier: MIT
import type { CommandContext } from '../command-context.ts';
import { concludeSession } from '../conclude-session.ts';
import { onceReachable } from '../once-reachable.ts';
import { ownTerminal } from '../raw-terminal.ts';
import { useTerminal } from '../use-terminal.ts';

/** `berth shell`: a login shell in the instance, on this terminal. Returns the shell's exit code. */
export async function shell(
  context: CommandContext,
  name: string,
  options: { readonly start: boolean },
): Promise<number> {
  const connection = await context.connect();
  const { session, terminal } = await onceReachable(context, name, options.start, () =>
    connection.request('shell.open', { name, ...ownTerminal() }),
  );
  const stream = await connection.openStream(terminal);
  const end = await useTerminal(connection, { session, stream, takesInput: true });
  return await concludeSession(connection, name, end, {
    shutDown: 'cli.shell.shut-down',
    lost: 'cli.shell.lost',
  });
}
