// SPDX-License-Identifier: MIT
import type { AccessGrant, AccessMode } from '#contract/security.ts';
import { readLauncherScript } from '../../core/assets.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { rightsOf } from '../../core/rights-of.ts';
import { quotePath } from '../profile.ts';

/** A folder of a network that went away answers never. */
const limitMs = 10_000;

/** What nobody gives to a machine: the kernel's own files, and those of Berth, which decide about all machines. */
const kernelPlaces = ['/proc', '/sys'];

export interface GrantRequest {
  readonly path: string;
  readonly mode: AccessMode;
}

interface GrantOptions {
  readonly runner: ProcessRunner;
  readonly assetsDirectory: string;
  /** Where Berth keeps what is its own. */
  readonly ownDirectories: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Where a file or device really is, opened with the rights of the user who gives it: what he may not touch himself
 * he cannot give to a machine. Devices are root's to give.
 *
 * @throws HelperError grant.denied
 */
export async function resolveGrant({ path: asked, mode }: GrantRequest, actor: Actor, options: GrantOptions): Promise<Pick<AccessGrant, 'path' | 'mode' | 'kind'>> {
  const script = await readLauncherScript(options.assetsDirectory, 'grant-source.sh');
  const output = await options.runner.run({ program: 'sh', args: ['-c', script, 'grant-source', mode, asked], confinement: 'none-needed', ...rightsOf(actor) }, { signal: options.signal, timeoutMs: limitMs })
    .catch((error: unknown) => {
      if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
      throw denied(actor.uid, asked, wordsOf(String(error.params['reason'] ?? '')), error);
    });
  const [, kind, real = ''] = /^(file|device) ([^]*)$/.exec(output.stdout) ?? [];
  if (kind !== 'file' && kind !== 'device') throw denied(actor.uid, asked, 'it could not be looked at');
  requireGivable(real, kind, actor, options.ownDirectories);
  return { path: real, mode, kind };
}

export function denied(uid: number, file: string, reason: string, cause?: unknown): HelperError {
  return new HelperError('grant.denied', { uid, path: file, reason }, { cause });
}

function requireGivable(real: string, kind: AccessGrant['kind'], { uid }: Actor, ownDirectories: readonly string[]): void {
  if (real.includes('\u{FFFD}')) throw denied(uid, real, 'its name is no valid UTF-8');
  try {
    quotePath(real);
  } catch (error) {
    throw denied(uid, real, 'its path cannot be written in a profile', error);
  }
  const place = [...kernelPlaces, ...ownDirectories].find((directory) => real === directory || real.startsWith(`${directory}/`));
  if (place !== undefined) throw denied(uid, real, `nothing below ${place} is given away`);
  if (kind === 'file') {
    if (real.startsWith('/dev/')) throw denied(uid, real, 'a file in /dev is not seen by a machine, which has a /dev of its own');
    return;
  }
  if (uid !== 0) throw denied(uid, real, 'only root gives devices to machines');
  if (!real.startsWith('/dev/')) throw denied(uid, real, 'a device is named by its node in /dev');
}

/** `grant-source.sh: 14: cannot open /a/b: Permission denied`, or the script's own words. */
function wordsOf(output: string): string {
  return /cannot (?:open|create)[^]*: ([^:\n]+)$/m.exec(output)?.[1] ?? output;
}
