// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { runProgram } from './programs.ts';

/** Runs shell as the guest's root and returns what it printed; rejects on another exit code than 0. */
export async function runInGuest(connection: HelperConnection, name: InstanceName, line: string): Promise<string> {
  const { session, stdio, stderr } = await connection.request('exec.open', {
    name,
    command: ['sudo', 'sh', '-c', line],
  });
  const [both, errors] = await Promise.all([connection.openStream(stdio), connection.openStream(stderr)]);
  both.end();
  errors.end();
  const [printed, said, { exitCode }] = await Promise.all([
    text(both),
    text(errors),
    connection.request('session.wait', { session }),
  ]);
  if (exitCode !== 0) throw new Error(`${line}: exit code ${exitCode ?? '?'}: ${said}`);
  return printed;
}

/** The address of this computer as the guest sees it. */
export async function gatewayOf(connection: HelperConnection, name: InstanceName): Promise<string> {
  return (await runInGuest(connection, name, 'ip route | sed -n "s/^default via \\([^ ]*\\).*/\\1/p"')).trim();
}

/**
 * Guests reach no port of this computer but this one now. The rule is in a network of the caller's own, and gone with
 * it.
 */
export async function letGuestsReach(port: number): Promise<void> {
  await runProgram('nft', ['insert', 'rule', 'inet', 'berth', 'from_guests', 'tcp', 'dport', String(port), 'accept']);
}
