// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';

/** The children of all threads of a process (proc_pid_task(5)), as they are now. */
export function childrenOf(pid: number | 'self'): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== ''),
  );
}
