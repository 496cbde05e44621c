// SPDX-License-Identifier: MIT
import type { Credentials, ProcessLimits, ProcessSpec } from '../core/seams/processes.ts';
import { becomeVariable } from '../posix/become-user.ts';
import { confinedCommand } from '../process/confined-command.ts';
import { ownProgram } from '../core/own-program.ts';
import { locateProgram } from '../process/programs.ts';
import { mebibyte } from '#contract/units.ts';

/** Beside this file in the sources; beside the helper in a package. */
const sshProgram = ownProgram(import.meta.dirname, 'ssh-process/main.ts', 'ssh.mjs');

/**
 * 256 MiB, which an honest guest's never comes near, on top of what V8 reserves without using it. One that asks for
 * more is ended by that.
 */
const limits: ProcessLimits = { dataBytes: (576 + 256) * mebibyte, openFiles: 128, threads: 64, fileBytes: 0 };
const nodeOptions = ['--max-old-space-size=96', '--no-warnings'];

/** The first process of a namespace of processes, with which all in there end, whatever became of them. */
const hold = '"$@" & wait "$!"';

/**
 * The SSH process of one guest, to be handed its socket as descriptor 3: a user of its own without rights, which sees
 * and signals no other process. It ends with the process that is started here, and that with the helper
 * (PR_SET_PDEATHSIG is lost by who changes its user, so another stands between).
 */
export async function sshProcessCommand(user: Credentials): Promise<ProcessSpec> {
  const inside = await confinedCommand({
    program: 'node',
    args: [...nodeOptions, sshProgram],
    becomes: user,
    confinement: { profile: undefined, limits },
  });
  return {
    program: 'unshare',
    args: [
      '--pid',
      '--fork',
      '--kill-child',
      '--ipc',
      '--uts',
      '--',
      await locateProgram('sh'),
      '-c',
      hold,
      'guest-ssh',
      ...inside,
    ],
    env: { [becomeVariable]: `${user.uid}:${user.gid}` },
    confinement: 'by-launcher',
    endsWithHelper: true,
  };
}
