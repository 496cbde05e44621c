// SPDX-License-Identifier: MIT
import { hostPath } from '#contract/mounts.ts';
import type { AccessGrant, AccessMode } from '#contract/security.ts';
import { sentence } from '#messages/say.ts';
import { answerLimitBytes } from '../../core/answer-limit.ts';
import { readLauncherScript } from '../../core/assets.ts';
import { HelperError } from '../../core/errors.ts';
import { isBelow } from '../../core/is-below.ts';
import type { Reason } from '../../core/said-error.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { ProcessRunner, ProcessSpec } from '../../core/seams/processes.ts';
import { rightsOf } from '../../core/rights-of.ts';
import { quotePath } from '../profile.ts';
import { byDescriptor } from './by-descriptor/command.ts';

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
export async function resolveGrant(
  { path: asked, mode }: GrantRequest,
  actor: Actor,
  options: GrantOptions,
): Promise<Pick<AccessGrant, 'path' | 'mode' | 'kind' | 'file'>> {
  const output = await options.runner
    .run(
      { ...(await lookAt(asked, mode, actor, options)), confinement: 'none-needed' },
      { signal: options.signal, timeoutMs: limitMs, mostOutputBytes: answerLimitBytes },
    )
    .catch((error: unknown) => {
      if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
      throw denied(actor.uid, asked, wordsOf(String(error.params['reason'] ?? '')), error);
    });
  const [, inode = '', born = '', real] =
    /^(?:file (\d{1,20}) ([\d.-]{1,40})|device) (\/[^]*)$/.exec(output.stdout) ?? [];
  if (real === undefined) throw denied(actor.uid, asked, sentence('security.could-not-be-looked-at'));
  const kind = inode === '' ? 'device' : 'file';
  requireGivable(real, kind, actor, options.ownDirectories);
  return { path: real, mode, kind, ...(kind === 'file' ? { file: { gid: actor.gid, inode, born } } : {}) };
}

/**
 * By the giver himself, who opens by a name what he could open by it anyway; root opens nothing that it has not looked
 * at before.
 */
async function lookAt(
  asked: string,
  mode: AccessMode,
  actor: Actor,
  { assetsDirectory }: GrantOptions,
): Promise<Pick<ProcessSpec, 'program' | 'args' | 'runAs'>> {
  if (actor.uid === 0) return byDescriptor('look', mode, asked);
  const script = await readLauncherScript(assetsDirectory, 'grant-source.sh');
  return { program: 'sh', args: ['-c', script, 'grant-source', mode, asked], ...rightsOf(actor) };
}

export function denied(uid: number, file: string, reason: Reason, cause?: unknown): HelperError {
  return new HelperError('grant.denied', { uid, path: file, reason }, { cause });
}

function requireGivable(
  real: string,
  kind: AccessGrant['kind'],
  { uid }: Actor,
  ownDirectories: readonly string[],
): void {
  const found = hostPath.safeParse(real);
  if (!found.success) throw denied(uid, real, found.error.issues[0]?.message ?? sentence('security.no-path'));
  try {
    quotePath(real);
  } catch (error) {
    throw denied(uid, real, sentence('security.path-not-for-profile'), error);
  }
  const place = [...kernelPlaces, ...ownDirectories].find((directory) => isBelow(real, directory));
  if (place !== undefined) throw denied(uid, real, sentence('security.nothing-below', { place }));
  if (kind === 'file') {
    if (real.startsWith('/dev/')) throw denied(uid, real, sentence('security.file-in-dev'));
    return;
  }
  if (uid !== 0) throw denied(uid, real, sentence('security.root-gives-devices'));
  if (!real.startsWith('/dev/')) throw denied(uid, real, sentence('security.device-by-node'));
}

/** `grant-source.sh: 14: cannot open /a/b: Permission denied`, or what looked has words of its own. */
function wordsOf(output: string): string {
  return /cannot (?:open|create)[^]*: ([^:\n]+)$/m.exec(output)?.[1] ?? output;
}
