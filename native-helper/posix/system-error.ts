// SPDX-License-Identifier: MIT
import { getSystemErrorMap } from 'node:util';

/** What a system call refused, in the form in which Node's own file calls say it: by `code` and `syscall`. */
export function systemError(syscall: string, errno: number, path: string): NodeJS.ErrnoException {
  const [code, reason] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, 'unknown error'];
  return Object.assign(new Error(`${code}: ${reason}, ${syscall} '${path}'`), { code, errno: -errno, syscall, path });
}
