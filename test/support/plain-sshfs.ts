// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { InstanceName } from '#contract/names.ts';
import { gatewayOf, letGuestsReach, runInGuest } from '../../bench/lib/guest.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

const port = 2222;

interface PlainOptions {
  readonly connection: HelperConnection;
  readonly name: InstanceName;
  readonly folder: string;
  readonly target: string;
}

/**
 * sshfs of the guest straight to OpenSSH's sftp-server on this computer, both as they come: nothing of ours is in
 * between.
 */
export class PlainSshfs implements AsyncDisposable {
  readonly #options: PlainOptions;
  readonly #server: ChildProcess;

  private constructor(options: PlainOptions, server: ChildProcess) {
    this.#options = options;
    this.#server = server;
  }

  /** In the test's own network: the rule that lets the guest reach the server is gone with it. */
  static async start(options: PlainOptions): Promise<PlainSshfs> {
    const { connection, name, folder, target } = options;
    const gateway = await gatewayOf(connection, name);
    const server = spawn(
      '/usr/bin/socat',
      ['-d', '-d', `TCP-LISTEN:${port},bind=${gateway},reuseaddr,nodelay`, 'EXEC:/usr/lib/openssh/sftp-server'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const started = new PlainSshfs(options, server);
    try {
      await once(server.stderr ?? server, 'data'); // that it listens
      await letGuestsReach(port);
      await runInGuest(
        connection,
        name,
        `mkdir -p ${target} && sshfs -o directport=${port},allow_other,default_permissions ${gateway}:${folder} ${target} < /dev/null && grep -q ' ${target} fuse.sshfs' /proc/mounts`,
      );
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { connection, name, target } = this.#options;
    // it may never have been mounted
    await runInGuest(connection, name, `umount -l ${target} && rmdir ${target}`).catch(() => undefined);
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    this.#server.kill('SIGKILL');
    await once(this.#server, 'exit');
  }
}
