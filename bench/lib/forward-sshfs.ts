// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { gatewayOf, letGuestsReach, runInGuest } from './guest.ts';
import { endProgram, runProgram } from './programs.ts';

const port = 2222;

interface ForwardOptions {
  readonly connection: HelperConnection;
  readonly name: InstanceName;
  readonly folder: string;
  /** For the server's keys and settings. */
  readonly directory: string;
  /** Where it is mounted. */
  readonly target: string;
}

/** What people do by hand: sshfs of the guest, over SSH from the guest, to OpenSSH's server on this computer. */
export class ForwardSshfs implements AsyncDisposable {
  readonly #server: ChildProcess;
  readonly #options: ForwardOptions;

  private constructor(options: ForwardOptions, server: ChildProcess) {
    this.#options = options;
    this.#server = server;
  }

  static async start(options: ForwardOptions): Promise<ForwardSshfs> {
    const { connection, name, directory, folder, target } = options;
    const key = await runInGuest(connection, name, 'dropbearkey -t ed25519 -f /root/key | grep ^ssh-');
    const gateway = await gatewayOf(connection, name);
    const file = (base: string): string => path.join(directory, base);
    await writeFile(file('authorized_keys'), key, { mode: 0o600 });
    await runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host-key')]);
    await writeFile(
      file('sshd_config'),
      [
        `Port ${port}`,
        `ListenAddress ${gateway}`,
        `HostKey ${file('host-key')}`,
        `AuthorizedKeysFile ${file('authorized_keys')}`,
        'StrictModes no',
        'PermitRootLogin prohibit-password',
        'PasswordAuthentication no',
        'UsePAM no',
        'PidFile none',
        'Subsystem sftp /usr/lib/openssh/sftp-server',
        '',
      ].join('\n'),
    );
    await mkdir('/run/sshd', { recursive: true });
    const server = spawn('/usr/sbin/sshd', ['-D', '-f', file('sshd_config')], { stdio: 'ignore' });
    const started = new ForwardSshfs(options, server);
    try {
      await delay(500); // it tells nobody when it listens
      await letGuestsReach(port);
      // sshfs gives its ssh options that the guest's client does not know; it needs none of them.
      await runInGuest(
        connection,
        name,
        `
        printf '#!/bin/sh\\nexec dbclient -y -y -p ${port} -i /root/key root@${gateway} -s sftp\\n' > /root/ssh && chmod 755 /root/ssh`,
      );
      await runInGuest(
        connection,
        name,
        `
        mkdir -p ${target} && sshfs -o ssh_command=/root/ssh,allow_other,default_permissions root@${gateway}:${folder} ${target} < /dev/null > /root/said 2>&1
        grep -q ' ${target} fuse.sshfs' /proc/mounts || { cat /root/said; dbclient -y -y -p ${port} -i /root/key root@${gateway} true; exit 1; } >&2`,
      );
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runInGuest(this.#options.connection, this.#options.name, `umount -l ${this.#options.target}`).catch(
      () => undefined,
    ); // they may never have been mounted
    await endProgram(this.#server);
  }
}
