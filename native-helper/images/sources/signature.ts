// SPDX-License-Identifier: MIT
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HelperError } from '../../core/errors.ts';
import type { ProcessRunner } from '../../core/ports.ts';
import { networkUser } from '../download/network-process.ts';

interface Signed {
  readonly document: Uint8Array;
  /** A detached OpenPGP signature, in armour or not. */
  readonly signature: Uint8Array;
  /** Absolute path of a keyring as gpgv(1) reads it. */
  readonly keyring: string;
  readonly remote: string;
}

const gpgvTimeoutMs = 30_000;

/** The first of these files that is there. */
export async function findKeyring(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    try {
      await access(candidate);
      return candidate;
    } catch {
      // that distribution's keyring is not installed here; the next
    }
  }
  return undefined;
}

/**
 * Checks by gpgv(1), as a user without rights, that a key of the keyring signed the document.
 * @throws HelperError image.signature-invalid
 */
export async function checkSignature({ document, signature, keyring, remote }: Signed, runner: ProcessRunner, signal: AbortSignal): Promise<void> {
  const room = await mkdtemp(path.join(tmpdir(), 'berth-signature-'));
  try {
    await chmod(room, 0o711);
    const [documentFile, signatureFile] = [path.join(room, 'document'), path.join(room, 'signature')];
    await writeFile(documentFile, document, { mode: 0o444 });
    await writeFile(signatureFile, signature, { mode: 0o444 });
    await runner.run({ program: 'gpgv', args: ['--homedir', room, '--keyring', keyring, '--', signatureFile, documentFile], runAs: networkUser, confinement: 'none-needed' }, { signal, timeoutMs: gpgvTimeoutMs });
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    const said = String(error.params.reason ?? '').split('\n').findLast((line) => /BAD|Can't|No public key|not|error/i.test(line)) ?? String(error.params.reason);
    throw new HelperError('image.signature-invalid', { remote, reason: said.replace(/^gpgv: /, '') }, { cause: error });
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}
