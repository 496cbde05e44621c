// SPDX-License-Identifier: MIT
/**
 * A program of its own: `filtered-exec KIND COMMAND…` puts the filter of share-filter.ts for that kind of server on
 * itself and becomes the command, which keeps it for good, as do all that come from it. Runs as root, with nothing of
 * anybody else's in sight yet. SIGPIPE stays ignored, as Node has it: what the server says must not end it when no
 * helper lives.
 */
import koffi from 'koffi';
import { becomeCommand } from '../../posix/become-command.ts';
import { filterChoices, hasFilter, shareFilter } from './share-filter.ts';

const libc = koffi.load('libc.so.6');
const program = koffi.struct('sock_fprog', { length: 'uint16_t', filter: 'void *' });
const prctl = libc.func('prctl', 'int', ['int', 'unsigned long', koffi.pointer(program)]);

const setSeccomp = 22; // PR_SET_SECCOMP, linux/prctl.h
const modeFilter = 2; // SECCOMP_MODE_FILTER

const [kind = '', command = '', ...rest] = process.argv.slice(2);
if (kind !== 'virtiofsd' && kind !== 'piped') fail(`there is no filter for ${kind}`);
/** Standard streams, and the socket that virtiofsd listens on. */
const handedOn = kind === 'virtiofsd' ? [0, 1, 2, 3] : [0, 1, 2];
if (!hasFilter(process.arch)) fail(`there is no filter for ${process.arch}`);
const filter = shareFilter(process.arch, filterChoices[kind]);
if (prctl(setSeccomp, modeFilter, { length: filter.length / 8, filter }) !== 0)
  fail(`the kernel refuses the filter (errno ${koffi.errno()})`);
try {
  becomeCommand([command, ...rest], handedOn);
} catch (error) {
  fail(String(error));
}

function fail(reason: string): never {
  process.stderr.write(`filtered-exec: ${reason}\n`);
  process.exit(97);
}
