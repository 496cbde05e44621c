// SPDX-License-Identifier: MIT
import { access, chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { ProcessOutput } from '../../core/seams/processes.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import type { DownloadServices } from '../download/download-services.ts';
import { networkUser } from '../download/network-process.ts';
import { binaryKeyring } from './binary-keyring.ts';

interface Signed {
  readonly document: Uint8Array;
  /** Absolute path of a keyring, binary as gpgv(1) reads it or in armour. */
  readonly keyring: string;
  readonly remote: string;
}

interface Detached extends Signed {
  /** A detached OpenPGP signature, in armour or not. */
  readonly signature: Uint8Array;
}

type Surroundings = Pick<DownloadServices, 'runner' | 'work'>;

const gpgvTimeoutMs = 30_000;
/** What is checked comes from a server: gpgv gets no more than a list of some 30 MB needs. */
const gpgvLimits = { memoryBytes: 1024 ** 3, cpuSeconds: 30 };

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
export async function checkSignature(
  { signature, ...signed }: Detached,
  services: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  await verify({ ...signed, files: { signature, document: signed.document } }, services, signal);
}

/**
 * Checks an inline-signed document (`.sjson`, a clear-signed list) likewise.
 * @returns the text that was signed, as gpgv wrote it; what stands around it in the file is left out
 * @throws HelperError image.signature-invalid
 */
export async function openSigned(signed: Signed, services: Surroundings, signal: AbortSignal): Promise<Buffer> {
  const { stdout } = await verify(
    { ...signed, files: { document: signed.document }, more: ['--output', '-'] },
    services,
    signal,
  );
  return Buffer.from(stdout, 'utf8');
}

interface Verification extends Signed {
  /** In the order of gpgv's arguments. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly more?: readonly string[];
}

async function verify(
  { files, keyring, remote, more = [] }: Verification,
  services: Surroundings,
  signal: AbortSignal,
): Promise<ProcessOutput> {
  const room = await mkdtemp(path.join(services.work, 'signature-'));
  try {
    await chmod(room, 0o711);
    const ring = path.join(room, 'ring');
    await writeFile(ring, binaryKeyring(await readFile(keyring)), { mode: 0o444 });
    for (const [name, content] of Object.entries(files))
      await writeFile(path.join(room, name), content, { mode: 0o444 });
    const output = await services.runner.run(
      {
        program: 'gpgv',
        args: [
          '--homedir',
          room,
          '--keyring',
          ring,
          '--status-fd',
          '2',
          ...more,
          '--',
          ...Object.keys(files).map((name) => path.join(room, name)),
        ],
        runAs: networkUser,
        confinement: { profile: undefined, limits: gpgvLimits },
      },
      { signal, timeoutMs: gpgvTimeoutMs },
    );
    // gpgv(1) ends with 0 where every signature is good; whether there is one is said by its status only.
    if (!/^\[GNUPG:\] VALIDSIG /m.test(output.stderr))
      throw new HelperError('image.signature-invalid', { remote, reason: sentence('image.not-signed') });
    return output;
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    throw new HelperError(
      'image.signature-invalid',
      { remote, reason: reasonOf(String(error.params.reason ?? '')) },
      { cause: error },
    );
  } finally {
    await removeTree(room);
  }
}

/** The line that says what is wrong, for people: not the status lines, which are for programs. */
function reasonOf(said: string): string {
  const lines = said.split('\n').filter((line) => !line.startsWith('[GNUPG:]'));
  return (lines.findLast((line) => /BAD|Can't|No public key|not|error/i.test(line)) ?? lines.at(-1) ?? '').replace(
    /^gpgv: /,
    '',
  );
}
