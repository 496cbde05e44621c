// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { SharedFolder } from './shared-folder.ts';

/** Puts a file and a FIFO at x in turn, each FIFO with somebody who waits on it, and says what came out of one. */
const swapping = `
use POSIX; use Fcntl; chdir $ARGV[0]; $| = 1; umask 0;
mkfifo("f", 0666); sysopen(my $end, "f", O_RDWR | O_NONBLOCK);
for (my $turn = 0; ; $turn++) {
  link "f", "g"; rename "g", "x";
  open my $file, ">", "p"; print $file "plain"; close $file; rename "p", "x";
  print "swapping\n" if $turn == 0;
  print "came: $bytes\n" if sysread($end, my $bytes, 16);
}`;

/** So often an answer is asked for at least, whatever was seen before: the window of a race is narrow. */
const leastAttempts = 2000;
/** Milliseconds after which what was not seen will not be. */
const patienceMs = 90_000;

/** The file `x` of a shared folder, which its owner turns into a FIFO and back at full speed. */
export class SwappedFile implements AsyncDisposable {
  readonly #swapper: ChildProcess;
  #said = '';

  private constructor(folder: SharedFolder) {
    const swapper = spawn('perl', ['-e', swapping, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    swapper.stdout.on('data', (text: Buffer) => {
      this.#said += text.toString();
    });
    this.#swapper = swapper;
  }

  /** Begins to swap; there is a file or a FIFO at x from here on. */
  static async start(folder: SharedFolder): Promise<SwappedFile> {
    const file = new SwappedFile(folder);
    if (file.#swapper.stdout) await once(file.#swapper.stdout, 'data');
    return file;
  }

  /** What somebody wrote into the FIFO; nothing may. */
  get fed(): string {
    return this.#said.replace('swapping\n', '');
  }

  /**
   * Asks until every wanted answer came, and no fewer than 2000 times.
   * @param ask one attempt; its answer
   * @returns every answer that came, also when a wanted one did not
   */
  async answers(wanted: readonly string[], ask: () => Promise<string>): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    const endMs = performance.now() + patienceMs;
    for (let attempt = 0; performance.now() < endMs; attempt += 1) {
      if (attempt >= leastAttempts && wanted.every((answer) => seen.has(answer))) break;
      seen.add(await ask());
    }
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#swapper.exitCode !== null) return;
    this.#swapper.kill('SIGKILL');
    await once(this.#swapper, 'exit');
  }
}
