// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** What changes the disk by a name. A question mark: not every architecture has the call (strace(1)). */
const onPaths = [
  '?creat',
  '?mkdir',
  'mkdirat',
  '?rmdir',
  '?unlink',
  'unlinkat',
  '?rename',
  '?renameat',
  'renameat2',
  '?link',
  'linkat',
  '?symlink',
  'symlinkat',
  '?mknod',
  'mknodat',
  '?chmod',
  'fchmodat',
  '?fchmodat2',
  '?chown',
  '?lchown',
  'fchownat',
  'truncate',
  'setxattr',
  'lsetxattr',
  'removexattr',
  'lremovexattr',
  'mount',
  'umount2',
];
/** What changes it by a descriptor, of a file or directory. */
const onFiles = [
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  '?pwritev2',
  'sendfile',
  'copy_file_range',
  'fsync',
  'fdatasync',
  'ftruncate',
  'fallocate',
  'fchmod',
  'fchown',
  'fsetxattr',
  'fremovexattr',
];
const onOpening = ['?open', 'openat', '?openat2'];
const ofProcesses = ['?fork', '?vfork', 'clone', '?clone3'];

/** All calls of a process that change the disk or start programs, as the kernel sees them. */
export class SyscallTrace {
  readonly #pid: number;
  readonly #file: string;
  readonly #strace: ChildProcess;

  private constructor(pid: number, file: string, strace: ChildProcess) {
    this.#pid = pid;
    this.#file = file;
    this.#strace = strace;
  }

  /** Resolves when each of the process's threads is watched. Noted in `file`. */
  static async of(pid: number, file: string): Promise<SyscallTrace> {
    const calls = [...onPaths, ...onFiles, ...onOpening, ...ofProcesses].join(',');
    const words = [
      '--follow-forks',
      '--detach-on=execve',
      '--absolute-timestamps=format:unix,precision:us',
      '--decode-fds=path',
      `--trace=${calls}`,
      `--output=${file}`,
      `--attach=${pid}`,
    ];
    const strace = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = createInterface(strace.stderr);
    for await (const line of lines)
      if (line.includes(`Process ${pid} attached`)) return new SyscallTrace(pid, file, strace);
    throw new Error('strace could not watch the process');
  }

  /** Ends the watching. @returns the calls that were begun in that time (milliseconds since 1970), oldest first */
  async end({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Promise<string[]> {
    const threads = new Set(await readdir(`/proc/${this.#pid}/task`));
    this.#strace.kill('SIGINT');
    if (this.#strace.exitCode === null) await once(this.#strace, 'exit');
    return (await readFile(this.#file, 'utf8')).split('\n').filter((line) => {
      const [, thread = '', seconds = '', name = '', words = ''] = /^(\d+) +([\d.]+) (\w+)\((.*)/.exec(line) ?? [];
      const atMs = Number(seconds) * 1000;
      return threads.has(thread) && atMs >= fromMs && atMs <= toMs && isChange(name, words);
    });
  }
}

/** By strace's words: a descriptor has its path behind it, and sockets, pipes and devices have none or one of /dev. */
function isChange(name: string, words: string): boolean {
  if (has(onOpening, name)) return /O_CREAT|O_TRUNC/.test(words);
  if (has(ofProcesses, name)) return !words.includes('CLONE_THREAD');
  if (has(onPaths, name)) return true;
  const descriptor = name === 'copy_file_range' ? /^\d+<[^>]*>, [^,]+, (\d+)<([^>]*)/ : /^(\d+)<([^>]*)/;
  const [, fd = '0', file = ''] = descriptor.exec(words) ?? [];
  return has(onFiles, name) && Number(fd) > 2 && /^\/(?!dev\/)/.test(file);
}

function has(calls: readonly string[], name: string): boolean {
  return calls.includes(name) || calls.includes(`?${name}`);
}
