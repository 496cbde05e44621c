// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { GuestTarget } from '../../native-helper/core/seams/guest.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** An SSH server that a guest's attacker wrote, as a process of its own. */
export class HostileGuest implements AsyncDisposable {
  readonly target: GuestTarget;
  /** What it told so far: connected, disconnected, silent, exec …, closed …. */
  readonly said: string[];
  readonly #end: () => Promise<void>;

  private constructor(target: GuestTarget, said: string[], end: () => Promise<void>) {
    this.target = target;
    this.said = said;
    this.#end = end;
  }

  static async start(behaviour: string, address = '127.0.0.1'): Promise<HostileGuest> {
    const child = spawn(
      process.execPath,
      ['--no-warnings', fileURLToPath(new URL('./hostile-ssh-server.ts', import.meta.url)), address, behaviour],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: child.stdout });
    const [first] = (await once(lines, 'line', { signal: AbortSignal.timeout(60_000) })) as [string];
    const said: string[] = [];
    lines.on('line', (line) => {
      said.push(line);
    });
    return new HostileGuest(
      { address, user: 'berth', privateKey, hostKey: `ssh-rsa ${first.split(' ')[1] ?? ''}` },
      said,
      async () => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    );
  }

  count(word: string): number {
    return this.said.filter((line) => line.split(' ')[0] === word).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }
}

/**
 * The fields of /proc/PID/status of each SSH process that descends from this one: of a user without rights
 * (docs/confinement.md).
 */
export async function sshProcesses(): Promise<ReadonlyMap<string, string>[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = new Map(
    await Promise.all(
      pids.map(async (pid) => {
        const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        return [
          pid,
          new Map(text.split('\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1).trim()])),
        ] as const;
      }),
    ),
  );
  const isOurs = (pid: string): boolean =>
    pid === String(process.pid) || (all.has(pid) && isOurs(all.get(pid)?.get('PPid') ?? ''));
  return [...all]
    .filter(([pid, status]) => /^1899\d{6}\b/.test(status.get('Uid') ?? '') && isOurs(pid))
    .map(([, status]) => status);
}

/** Resident memory of a process, in MiB. */
export async function residentMebibytes(pid: number | string): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s*(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}
