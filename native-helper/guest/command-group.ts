// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { SessionSignal } from '#contract/guest.ts';

/**
 * What only the shell knows: POSIX, XCU 2.14 and 1.7, and what common shells have besides. Some are programs as well,
 * which differ.
 */
const builtins = [
  ':',
  '.',
  'alias',
  'bg',
  'break',
  'builtin',
  'cd',
  'command',
  'continue',
  'declare',
  'eval',
  'exec',
  'exit',
  'export',
  'fc',
  'fg',
  'getopts',
  'hash',
  'help',
  'history',
  'jobs',
  'let',
  'local',
  'read',
  'readonly',
  'return',
  'set',
  'shift',
  'shopt',
  'source',
  'times',
  'trap',
  'type',
  'typeset',
  'ulimit',
  'umask',
  'unalias',
  'unset',
  'wait',
];

/**
 * The words that run a command as a process group of its own, which tells its number on stderr first, behind `mark`.
 * OpenSSH makes a group for each session; dropbear's are all in that of the connection, where a signal would end
 * everything.
 */
export function inOwnGroup(command: readonly string[]): { readonly words: readonly string[]; readonly mark: string } {
  const mark = `berth-${randomBytes(8).toString('hex')} `;
  // A program takes the shell's place, so that its end is told as it was; what is the shell's own cannot.
  const run = `echo ${mark}$$ >&2; case $1 in ${builtins.join('|')}) "$@" ;; *) exec "$@" ;; esac`;
  // The fifth field of its stat is the group (proc_pid_stat(5)). setsid(1) of a leader would not wait for what it
  // starts.
  const script = `read -r _ _ _ _ berth_group _ < /proc/$$/stat
if [ "\${berth_group:-$$}" != $$ ] && command -v setsid > /dev/null; then exec setsid sh -c '${run}' sh "$@"; fi
${run}`;
  return { words: ['exec', 'sh', '-c', script, 'sh', ...command], mark };
}

/**
 * The words that send a signal to such a group; as root where the guest's user may be, for commands that became root.
 */
export function signalGroup(group: number, signal: SessionSignal): readonly string[] {
  const kill = `kill -${signal} -${group}`;
  return ['sh', '-c', `sudo -n sh -c '${kill}' 2> /dev/null || ${kill}`];
}
