// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * A network namespace beside the test's own, kept by one process that ends with the test: nothing is written below
 * /run/netns, and a killed test leaves nothing.
 */
export class NetworkNamespace implements AsyncDisposable {
  readonly #keeper: ChildProcess;

  private constructor(keeper: ChildProcess) {
    this.#keeper = keeper;
  }

  static async create(): Promise<NetworkNamespace> {
    const keeper = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo ready && exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (keeper.stdout === null) throw new Error('no stdout');
    await once(keeper.stdout, 'data');
    return new NetworkNamespace(keeper);
  }

  get pid(): number {
    if (this.#keeper.pid === undefined) throw new Error('the namespace has no process');
    return this.#keeper.pid;
  }

  /** What to put before a program's name to run it inside. */
  get prefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.pid}/ns/net`];
  }

  /** Runs a program inside; rejects with its output when it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const [first = '', ...rest] = this.prefix;
    const { stdout } = await execute(first, [...rest, program, ...args], { timeout: 30_000 });
    return stdout;
  }

  /** Whether the program succeeds inside. */
  async succeeds(program: string, ...args: readonly string[]): Promise<boolean> {
    return this.run(program, ...args).then(
      () => true,
      () => false,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#keeper, 'exit');
    this.#keeper.stdin?.end();
    await ended;
  }
}
