// SPDX-License-Identifier: MIT
import koffi from 'koffi';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { ProcessRef } from '../core/seams/processes.ts';
import { isAlive } from '../process/proc-fs.ts';

const libc = koffi.load('libc.so.6');
const syscall = libc.func('long syscall(long number, ...)');
const poll = libc.func('int poll(void *fds, ulong count, int timeout)');
const pipe = libc.func('int pipe(_Out_ int *fds)');
const close = libc.func('int close(int fd)');
const write = libc.func('long write(int fd, void *data, size_t length)');

/** The same on every architecture (asm-generic/unistd.h, alpha apart). */
const pidfdOpen = 434;
const readable = 1;

export interface DeathWatch {
  /** True when the process has ended, false when the watch was cancelled before. */
  readonly ended: Promise<boolean>;
  cancel(): void;
}

/**
 * Tells when a process ends that is no child of ours. A pidfd (pidfd_open(2)) becomes readable then; Node's loop takes
 * no such descriptor, so poll(2) waits on one of the thread pool's threads, with a pipe beside it to call it back.
 * Throws network.setup-failed.
 */
export async function watchDeath(ref: ProcessRef): Promise<DeathWatch> {
  const pidfd = Number(syscall(pidfdOpen, 'int', ref.pid, 'uint', 0));
  if (pidfd < 0 || !(await isAlive(ref))) {
    if (pidfd >= 0) close(pidfd);
    return { ended: Promise.resolve(true), cancel: () => {} };
  }
  const ends = [-1, -1] as [number, number];
  if (pipe(ends) !== 0) {
    close(pidfd);
    throw new HelperError('network.setup-failed', {
      reason: sentence('network.pipe-failed', { errno: koffi.errno() }),
    });
  }
  return startWatch(pidfd, ends);
}

function startWatch(pidfd: number, [readEnd, writeEnd]: readonly [number, number]): DeathWatch {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const fds = Buffer.alloc(16); // two struct pollfd: int fd, short events, short revents
  [pidfd, readEnd].forEach((fd, index) => {
    fds.writeInt32LE(fd, index * 8);
    fds.writeInt16LE(readable, index * 8 + 4);
  });
  let isOver = false;
  // a thread that still polls at exit would be waited for without end
  const cancel = (): void => {
    if (!isOver) write(writeEnd, Buffer.from('x'), 1);
  };
  const finish = (): void => {
    isOver = true;
    process.off('exit', cancel);
    const hasEnded = fds.readInt16LE(6) !== 0;
    for (const fd of [pidfd, readEnd, writeEnd]) close(fd);
    resolve(hasEnded);
  };
  process.once('exit', cancel);
  const wait = (): void => {
    // EINTR is the only way back without an event
    poll.async(fds, 2, -1, (_error: unknown, count: number) => {
      if (count > 0) finish();
      else wait();
    });
  };
  wait();
  return { ended: promise, cancel };
}
