// SPDX-License-Identifier: MIT
import path from 'node:path';
import { say } from '#messages/say.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * The absolute path of a word that names something on this computer. @throws CliError for an empty one, and where there
 * is nothing to begin at
 */
export function hostPathOf(word: string): string {
  if (word === '') throw new CliError(say('cli.usage.path-empty'), exitCodes.usage);
  try {
    return path.resolve(word);
  } catch {
    throw new CliError(
      say('cli.usage.no-directory', { path: word }),
      exitCodes.usage,
      say('cli.usage.no-directory-hint'),
    );
  }
}
