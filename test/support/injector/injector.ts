// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** What happens at the N-th call: the helper dies before it, or it fails, alone or with all that follow. */
export type Fault = 'kill' | `${'ENOSPC' | 'EIO'} ${'once' | 'on'}`;

/** The words of the file that inject.c maps. */
const at = { armed: 0, action: 4, point: 8, error: 12, count: 16, what: 20 } as const;
const fileBytes = 256;
const actions = { count: 0, kill: 1, once: 2, on: 3 } as const;

/** Counts a program's calls that change the disk or start programs, and strikes at one of them. */
export class Injector {
  /** The program's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly #fd: number;

  private constructor(library: string, file: string) {
    this.env = { LD_PRELOAD: library, BERTH_INJECT: file, UV_USE_IO_URING: '0' };
    this.#fd = openSync(file, 'r+');
  }

  /** Compiles the library and makes the file in `directory`. */
  static async build(directory: string): Promise<Injector> {
    const [library, file] = [path.join(directory, 'inject.so'), path.join(directory, 'inject.state')];
    await promisify(execFile)('cc', [
      '-shared',
      '-fPIC',
      '-O1',
      '-Wall',
      '-Werror',
      '-o',
      library,
      path.join(import.meta.dirname, 'inject.c'),
      '-ldl',
    ]);
    await writeFile(file, Buffer.alloc(fileBytes));
    return new Injector(library, file);
  }

  /** From now on calls are counted from 1; without a fault that is all. */
  arm(fault?: Fault, point = 0): void {
    const [error, mode] = fault === undefined ? ['', 'count'] : fault === 'kill' ? ['', 'kill'] : fault.split(' ');
    const state = Buffer.alloc(fileBytes);
    state.writeInt32LE(actions[(mode ?? 'count') as keyof typeof actions], at.action);
    state.writeInt32LE(point, at.point);
    state.writeInt32LE(os.constants.errno[(error || 'EIO') as 'EIO'], at.error);
    writeSync(this.#fd, state, 0, fileBytes, 0);
    writeSync(this.#fd, Buffer.from([1, 0, 0, 0]), 0, 4, at.armed);
  }

  /** How many calls there were since it was armed. */
  get calls(): number {
    const count = Buffer.alloc(4);
    readSync(this.#fd, count, 0, count.length, at.count);
    return count.readInt32LE();
  }

  /** Ends the counting; how many calls there were, and which one was struck. */
  disarm(): { readonly calls: number; readonly struck: string } {
    writeSync(this.#fd, Buffer.alloc(4), 0, 4, at.armed);
    const state = Buffer.alloc(fileBytes);
    readSync(this.#fd, state, 0, fileBytes, 0);
    return { calls: state.readInt32LE(at.count), struck: state.toString('utf8', at.what).replace(/\0.*$/s, '') };
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
