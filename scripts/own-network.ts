// SPDX-License-Identifier: MIT
// Vitest's set-up of each file of the system tests: the process that runs the file leaves the network it shares
// with the other files for one of its own, in which only loopback is up. So files run beside each other, and what
// one leaves behind troubles no other.
import { execFileSync } from 'node:child_process';
import koffi from 'koffi';
import { systemError } from '../native-helper/posix/system-error.ts';

/** sched.h */
const CLONE_NEWNET = 0x4000_0000;
const unshare = koffi.load('libc.so.6').func('int unshare(int flags)');

// of this thread alone: every socket of Node's and every child process is made by it (unshare(2))
if (unshare(CLONE_NEWNET) !== 0) throw systemError('unshare', koffi.errno(), 'the network of a test');
execFileSync('ip', ['link', 'set', 'lo', 'up']);
