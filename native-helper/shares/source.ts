// SPDX-License-Identifier: MIT
import { hostPath } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import { answerLimitBytes } from '../core/answer-limit.ts';
import { readLauncherScript } from '../core/assets.ts';
import { HelperError } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';
import type { Credentials, ProcessRunner } from '../core/seams/processes.ts';
import { isSharable, whyNotSharable } from './sharable-types.ts';

/** A folder of a network that went away answers never. */
const limitMs = 10_000;

interface SourceOptions {
  readonly runner: ProcessRunner;
  readonly assetsDirectory: string;
  readonly signal: AbortSignal;
}

/**
 * Where a folder really is. It is opened by a process with the user's identity, so neither its
 * existence nor its place is told to who may not know them.
 *
 * @throws HelperError mount.source-denied, for a file system that holds no files of people's too
 */
export async function resolveSource(
  source: string,
  user: Credentials,
  { runner, assetsDirectory, signal }: SourceOptions,
): Promise<string> {
  const script = await readLauncherScript(assetsDirectory, 'share-source.sh');
  try {
    const { stdout } = await runner.run(
      { program: 'sh', args: ['-c', script, 'share-source', source], runAs: user, confinement: 'none-needed' },
      { signal, timeoutMs: limitMs, mostOutputBytes: answerLimitBytes },
    );
    const [, type = '', place = ''] = /^(\S{1,64}) ([^]*)$/.exec(stdout) ?? [];
    if (!isSharable(type)) throw sourceDenied(source, user, whyNotSharable(type));
    const found = hostPath.safeParse(place);
    if (!found.success)
      throw sourceDenied(
        source,
        user,
        sentence('mount.place-unusable', { reason: found.error.issues[0]?.message ?? sentence('mount.no-path') }),
      );
    return found.data;
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    throw sourceDenied(source, user, String(error.params['reason'] ?? ''), error);
  }
}

/** `told` is our reason, or what the shell said that could not open it: `sh: 12: cannot open /a/.: No such file`. */
export function sourceDenied(source: string, user: Credentials, told: Reason, cause?: unknown): HelperError {
  const reason = typeof told === 'string' ? (/cannot open[^]*: ([^:\n]+)$/m.exec(told)?.[1] ?? told) : told;
  return new HelperError('mount.source-denied', { uid: user.uid, path: source, reason }, { cause });
}
