// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A signing key of a test's own, with its keyring in both forms that distributions use. */
export class SigningKey {
  readonly #home: string;
  /** Absolute paths, readable by everybody. */
  readonly keyring: string;
  readonly armouredKeyring: string;

  constructor() {
    this.#home = mkdtempSync(path.join(tmpdir(), 'berth-pgp-'));
    chmodSync(this.#home, 0o755);
    mkdirSync(path.join(this.#home, 'gnupg'), { mode: 0o700 });
    this.#gpg(['--passphrase', '', '--quick-generate-key', 'test@example.org', 'ed25519', 'sign', 'never']);
    this.keyring = path.join(this.#home, 'ring.gpg');
    this.armouredKeyring = path.join(this.#home, 'RPM-GPG-KEY-test');
    writeFileSync(this.keyring, this.#gpg(['--export']));
    writeFileSync(this.armouredKeyring, this.#gpg(['--armor', '--export']));
  }

  detached(content: Buffer | string): Buffer {
    return this.#gpg(['--detach-sign'], content);
  }

  clearSigned(content: Buffer | string): Buffer {
    return this.#gpg(['--clear-sign'], content);
  }

  /** An OpenPGP message that nobody signed. */
  unsigned(content: Buffer | string): Buffer {
    return this.#gpg(['--store'], content);
  }

  remove(): void {
    execFileSync('gpgconf', ['--homedir', path.join(this.#home, 'gnupg'), '--kill', 'gpg-agent']);
    rmSync(this.#home, { recursive: true });
  }

  #gpg(args: readonly string[], input: Buffer | string = ''): Buffer {
    return execFileSync('gpg', ['--homedir', path.join(this.#home, 'gnupg'), '--batch', '--quiet', ...args], { input });
  }
}
