// SPDX-License-Identifier: MIT
import { readFile, stat } from 'node:fs/promises';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { HostCheck } from '#contract/system.ts';
import { say } from '#messages/say.ts';
import { isCheckout } from './checkout.ts';
import { wayOutOf } from './way-out.ts';

/**
 * What can be told of a helper that is not reached, without root: why, and whether this user may use it.
 */
export async function checkFromHere(error: HelperErrorData): Promise<HostCheck[]> {
  const { message } = describeError(error);
  const path = String(error.params['path'] ?? '');
  const group = path === '' ? undefined : await groupOf(path);
  return [
    { id: 'helper', state: 'missing', summary: message, fix: wayOutOf(error), ...commandFor(error) },
    ...(group === undefined ? [] : [group]),
  ];
}

/** A helper of another version is restarted after an update; one that listens no more, started. */
function commandFor({ code, params }: HelperErrorData): Pick<HostCheck, 'command'> | undefined {
  if (code === 'helper.unreachable' && isCheckout() && ['ECONNREFUSED', 'ENOENT'].includes(String(params['errno'])))
    return { command: './run start' };
  if (code === 'helper.version-mismatch' || params['errno'] === 'ECONNREFUSED')
    return { command: 'sudo systemctl restart berth-helper' };
  return params['errno'] === 'ENOENT' ? { command: 'sudo systemctl enable --now berth-helper' } : undefined;
}

/** The socket's group decides who gets in; the groups of a login are those it began with (credentials(7)). */
async function groupOf(socket: string): Promise<HostCheck | undefined> {
  const owner = await stat(socket).catch(() => undefined); // no socket: no group to be in
  if (owner === undefined) return undefined;
  const line = (await readFile('/etc/group', 'utf8'))
    .split('\n')
    .map((each) => each.split(':'))
    .find((fields) => Number(fields[2]) === owner.gid);
  const name = line?.[0] ?? String(owner.gid);
  const isIn =
    process.getuid?.() === 0 || process.getgid?.() === owner.gid || process.getgroups?.().includes(owner.gid) === true;
  const evidence = say('cli.doctor.group-evidence', { socket, group: name });
  if (isIn) return { id: 'group', state: 'good', summary: say('cli.doctor.group-good'), evidence };
  return {
    id: 'group',
    state: 'missing',
    summary: say('cli.doctor.group-missing', { group: name }),
    evidence,
    fix: say('cli.doctor.group-fix'),
    command: `sudo usermod -aG ${name} "$USER"`,
  };
}
