// SPDX-License-Identifier: MIT
import koffi from 'koffi';
import { systemError } from './system-error.ts';

const libc = koffi.load('libc.so.6');
const fcntl = libc.func('int fcntl(int fd, int command, int value)');
const execvp = libc.func('int execvp(const char *file, const char **arguments)');

const setDescriptorFlags = 2; // F_SETFD, fcntl(2)

/**
 * Becomes another program, with these descriptors and no others: the process stays. SIGPIPE stays ignored, as Node has
 * it.
 *
 * @throws NodeJS.ErrnoException of exec(3), where that program cannot be run
 */
export function becomeCommand([command = '', ...args]: readonly string[], handedOn: readonly number[]): never {
  // Node has marked all that it has to be closed at exec, and what it was started with too
  // (uv_disable_stdio_inheritance).
  for (const descriptor of handedOn) fcntl(descriptor, setDescriptorFlags, 0);
  execvp(command, [command, ...args, null]);
  throw systemError('execvp', koffi.errno(), command);
}
