// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

/** Runs shell as the guest's root and returns what it printed; rejects on another exit code than 0. */
export async function runInGuest(connection: HelperConnection, name: InstanceName, line: string): Promise<string> {
  const { session, stdio, stderr } = await connection.request('exec.open', { name, command: ['sudo', 'sh', '-c', line] });
  const [both, errors] = await Promise.all([connection.openStream(stdio), connection.openStream(stderr)]);
  both.end();
  errors.end();
  const [printed, said, { exitCode }] = await Promise.all([text(both), text(errors), connection.request('session.wait', { session })]);
  if (exitCode !== 0) throw new Error(`${line}: exit code ${exitCode ?? '?'}: ${said}`);
  return printed;
}
