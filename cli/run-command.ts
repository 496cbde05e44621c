// SPDX-License-Identifier: MIT
import { exitCodeOf } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { AlreadyReported, CliError } from './cli-error.ts';
import { commandContext, type CommandContext, type GlobalOptions } from './command-context.ts';
import { exitCodes } from './exit-codes.ts';
import { helperErrorOf } from './helper-error.ts';
import { escapeForTerminal } from './render/escape.ts';
import { renderError } from './render/error.ts';
import { showError } from './output.ts';
import { failOutputsWith, settleOutputs } from './outputs.ts';

/** A command's work. Returns its exit code, or nothing for success. */
export type Command = (context: CommandContext) => Promise<number | void>;

/** Runs a command, tells its failure on stderr, and ends the process with the code that docs/cli.md promises. */
export async function runCommand(options: GlobalOptions, command: Command, ownFailureCode?: number): Promise<never> {
  if (ownFailureCode !== undefined) failOutputsWith(ownFailureCode);
  const context = commandContext(options);
  let exitCode: number;
  try {
    exitCode = (await command(context)) ?? exitCodes.success;
  } catch (error) {
    exitCode = report(error, context);
    if (ownFailureCode !== undefined && exitCode !== exitCodes.usage) exitCode = ownFailureCode;
  }
  context.close();
  exitCode = await settleOutputs(exitCode);
  process.exit(exitCode); // an open stdin must not keep us
}

/** Writes an error to stderr and returns its exit code. */
export function report(error: unknown, context: Pick<CommandContext, 'err' | 'isVerbose'>, subject?: string): number {
  if (error instanceof AlreadyReported) return error.exitCode;
  if (error instanceof CliError) {
    const hint = error.hint ? `\n  ${say('cli.error.hint', { hint: escapeForTerminal(error.hint) })}` : '';
    showError(`${context.err('red', 'berth:')} ${escapeForTerminal(error.message)}${hint}\n`);
    return error.exitCode;
  }
  const data = helperErrorOf(error);
  showError(renderError(data, { paint: context.err, showsCauses: context.isVerbose, ...(subject ? { subject } : {}) }));
  return exitCodeOf(data);
}
