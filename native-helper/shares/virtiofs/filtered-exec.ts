// SPDX-License-Identifier: MIT
/**
 * A program of its own: puts the filter of identity-filter.ts on itself and becomes the command of its arguments,
 * which keeps it for good, as do all that come from it. Runs as root, with nothing of anybody else's in sight yet.
 * SIGPIPE stays ignored, as Node has it: what the server says must not end it when no helper lives.
 */
import koffi from 'koffi';
import { hasFilter, identityFilter } from './identity-filter.ts';

const libc = koffi.load('libc.so.6');
const program = koffi.struct('sock_fprog', { length: 'uint16_t', filter: 'void *' });
const prctl = libc.func('prctl', 'int', ['int', 'unsigned long', koffi.pointer(program)]);
const fcntl = libc.func('int fcntl(int fd, int command, int value)');
const execv = libc.func('int execv(const char *path, const char **arguments)');

const setSeccomp = 22; // PR_SET_SECCOMP, linux/prctl.h
const modeFilter = 2; // SECCOMP_MODE_FILTER
const setDescriptorFlags = 2; // F_SETFD, fcntl(2)
/** Standard streams, and the socket that the server listens on. */
const handedOn = [0, 1, 2, 3];

const [command = '', ...rest] = process.argv.slice(2);
if (!hasFilter(process.arch)) fail(`there is no filter for ${process.arch}`);
const filter = identityFilter(process.arch);
if (prctl(setSeccomp, modeFilter, { length: filter.length / 8, filter }) !== 0) fail(`the kernel refuses the filter (errno ${koffi.errno()})`);
// Node has marked all that it was started with to be closed at exec (uv_disable_stdio_inheritance).
for (const descriptor of handedOn) fcntl(descriptor, setDescriptorFlags, 0);
execv(command, [command, ...rest, null]);
fail(`${command} cannot be run (errno ${koffi.errno()})`);

function fail(reason: string): never {
  process.stderr.write(`filtered-exec: ${reason}\n`);
  process.exit(97);
}
