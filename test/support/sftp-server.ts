// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';

const server = '/usr/lib/openssh/sftp-server';

/** OpenSSH's own SFTP server on a pipe, in a folder, as a guest runs it behind SSH. */
export class SftpServer implements AsyncDisposable {
  readonly stream: Duplex;
  readonly #child: ReturnType<typeof spawn>;

  constructor(homeFolder: string) {
    const child = spawn(server, { cwd: homeFolder, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined); // EPIPE once it has gone
    this.stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    this.#child = child;
  }

  /** As a machine that is switched off. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}
