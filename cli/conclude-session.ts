// SPDX-License-Identifier: MIT
import type { SessionEnd } from '#contract/guest.ts';
import type { InstanceState } from '#contract/instances.ts';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';
import { subscribe } from '../client/subscribe.ts';
import type { HelperConnection } from './connect.ts';
import { tell } from './output.ts';
import { sessionExitCode } from './session-exit-code.ts';

/** A guest ends its sessions before it is off; longer than that takes. */
const shutDownMs = 15_000;
const up: readonly InstanceState[] = ['starting', 'running', 'paused', 'unknown'];

/** Says why a session ended that has no end of its own, and returns the exit code for it. */
export async function concludeSession(
  connection: HelperConnection,
  name: string,
  end: SessionEnd,
  why: { readonly shutDown: PlainTextId; readonly lost: PlainTextId },
): Promise<number> {
  if (end.exitCode === undefined && end.signal === undefined)
    tell(say((await isShutDown(connection, name)) ? why.shutDown : why.lost));
  return sessionExitCode(end);
}

async function isShutDown(connection: HelperConnection, name: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const look = async (): Promise<void> => {
    const { state } = await connection.request('instances.info', { name });
    if (!up.some((each) => each === state)) resolve(true);
  };
  const lookAgain = (): void => void look().catch(() => resolve(false)); // removed, or the helper is gone
  const stop = connection.onEvent(({ body }) => {
    if (body.topic === 'instance.changed' && body.instance.name === name) lookAgain();
  });
  const late = setTimeout(() => resolve(false), shutDownMs);
  try {
    await subscribe(connection);
    lookAgain();
    return await promise;
  } catch {
    return false; // what is not known of the instance is not said of it
  } finally {
    clearTimeout(late);
    stop();
  }
}
