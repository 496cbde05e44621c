// SPDX-License-Identifier: MIT
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Refusal {
  readonly path: string;
  /** AppArmor's letters; reading when absent. */
  readonly mask?: string;
}

/** A file such as auditd writes, for a helper that is told of it; records are in the kernel's own form. */
export class AuditFile {
  readonly path: string;
  readonly #directory: string;
  #serial = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = path.join(directory, 'audit.log');
  }

  static async create(): Promise<AuditFile> {
    return new AuditFile(await mkdtemp(path.join(tmpdir(), 'berth-audit-')));
  }

  /** Records that the instance's QEMU was refused a file, at this moment. */
  async deny(instance: string, refusal: Refusal): Promise<void> {
    await this.denyTo(`multipass.${instance}.qemu-system-x86_64`, refusal);
  }

  /** The same of a program of any profile. */
  async denyTo(profile: string, { path: file, mask = 'r' }: Refusal): Promise<void> {
    this.#serial += 1;
    const stamp = `${(Date.now() / 1000).toFixed(3)}:${this.#serial}`;
    await appendFile(
      this.path,
      `type=AVC msg=audit(${stamp}): apparmor="DENIED" operation="open" profile="${profile}" name="${file}" pid=215 comm="qemu-system-x86" requested_mask="${mask}" denied_mask="${mask}" fsuid=61477 ouid=1000\n`,
    );
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
