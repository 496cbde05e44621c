// SPDX-License-Identifier: MIT
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { joinPath } from './byte-path.ts';
import type { FileTree } from './file-tree.ts';

/** Who makes a file: the computer, its boot, the process by pid and start time, and the copy. */
const pattern = /^\.berth-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-([0-9a-f]{8})-\d+\.part$/;

/** Copies of this very process that are under way. */
const running = new Set<string>();

/**
 * Names for files in the making. A name tells who makes the file, so that what a copy left that was killed, or whose
 * guest went away, is known for what it is by the next copy into that folder.
 */
export class PartFiles implements Disposable {
  readonly #prefix: string;
  readonly #copy: string;
  #count = 0;

  private constructor(maker: string, copy: string) {
    this.#prefix = `.berth-${maker}-${copy}`;
    this.#copy = copy;
    running.add(copy);
  }

  /** Held as long as the copy runs. */
  static async begin(): Promise<PartFiles> {
    const { computer, boot } = await thisBoot();
    return new PartFiles(
      [computer, boot, process.pid, await startOf(process.pid)].join('-'),
      randomBytes(4).toString('hex'),
    );
  }

  next(): Buffer {
    this.#count += 1;
    return Buffer.from(`${this.#prefix}-${this.#count}.part`);
  }

  [Symbol.dispose](): void {
    running.delete(this.#copy);
  }
}

/**
 * Removes what dead copies left in a folder. A file whose maker lives, or is on another computer, is left alone. Never
 * rejects.
 */
export async function removeLeftovers(tree: FileTree, folder: Buffer, names: readonly Buffer[]): Promise<void> {
  for (const name of names) {
    // somebody else's, or gone meanwhile
    if (await isLeftover(name)) await tree.remove(joinPath(folder, name)).catch(() => undefined);
  }
}

async function isLeftover(name: Buffer): Promise<boolean> {
  const [, computer, boot, pid, start, copy = ''] = pattern.exec(name.toString('latin1')) ?? [];
  if (computer === undefined) return false;
  const here = await thisBoot();
  if (computer !== here.computer) return false;
  if (boot !== here.boot) return true;
  return Number(pid) === process.pid ? !running.has(copy) : (await startOf(Number(pid))) !== start;
}

/** machine-id(5) itself is to be kept from strangers; one boot differs from the next by boot_id (random(4)). */
async function thisBoot(): Promise<{ readonly computer: string; readonly boot: string }> {
  const digest = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(`berth ${await readFile(file, 'utf8').catch(() => '')}`)
      .digest('hex')
      .slice(0, 8); // a computer without is like all without
  return { computer: await digest('/etc/machine-id'), boot: await digest('/proc/sys/kernel/random/boot_id') };
}

/** The start time of a process in clock ticks, field 22 of proc(5)'s stat; undefined when there is none. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''); // it is gone
  return text
    .slice(text.lastIndexOf(')') + 1)
    .trim()
    .split(' ')[22 - 3];
}
