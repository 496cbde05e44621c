// SPDX-License-Identifier: MIT
import { exitCodeOf } from '#contract/errors.ts';
import { rowOf, type KnownOf } from '#contract/open-enum.ts';
import { titleOf, type HostCheck } from '#contract/system.ts';
import { inOwnWords } from '#contract/told-sentence.ts';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { helperErrorOf } from '../helper-error.ts';
import { checkFromHere } from '../helper-from-here.ts';
import type { Colour, Paint } from '../render/colour.ts';
import { escapeForTerminal } from '../render/escape.ts';
import { renderOutput, type OutputFormat } from '../render/format.ts';
import { show } from '../output.ts';

interface DoctorOptions {
  readonly format: OutputFormat;
  readonly strict?: boolean | undefined;
}

/**
 * `berth doctor`: what this computer offers, each part with evidence and the way out. Something missing makes the exit
 * code 1, with `--strict` something limited or unknown too. A helper that is not reached is code 3, with what can be
 * told from here.
 */
export async function doctor(context: CommandContext, options: DoctorOptions): Promise<number> {
  const { checks, exitCode } = await examine(context);
  show(
    await renderOutput(options.format, {
      table: () => renderChecks(checks.map(inOwnWords), context.out),
      value: { checks },
      csv: { keys: ['id', 'state', 'summary', 'evidence', 'fix', 'command'], rows: checks },
    }),
  );
  const bad: readonly HostCheck['state'][] = options.strict === true ? ['missing', 'limited', 'unknown'] : ['missing'];
  return exitCode ?? (checks.some(({ state }) => bad.includes(state)) ? exitCodes.failed : exitCodes.success);
}

async function examine(context: CommandContext): Promise<{ checks: readonly HostCheck[]; exitCode?: number }> {
  let connection;
  try {
    connection = await context.connect();
  } catch (error) {
    const data = helperErrorOf(error);
    return { checks: await checkFromHere(data), exitCode: exitCodeOf(data) };
  }
  return { checks: (await connection.request('system.doctor', {})).checks };
}

const marks: Readonly<Record<KnownOf<HostCheck['state']>, readonly [PlainTextId, Colour]>> = {
  good: ['cli.doctor.good', 'green'],
  limited: ['cli.doctor.limited', 'yellow'],
  missing: ['cli.doctor.missing', 'red'],
  unknown: ['cli.doctor.unknown', 'yellow'],
  checking: ['cli.doctor.checking', 'dim'],
};

function markOf({ state }: HostCheck): readonly [string, Colour] {
  const [id, colour] = rowOf<string, readonly [PlainTextId | undefined, Colour]>(marks, state, [undefined, 'yellow']);
  return [id === undefined ? state : say(id), colour];
}

/** A line each; evidence and the way out below it, the latter only where there is one. */
function renderChecks(checks: readonly HostCheck[], paint: Paint): string {
  const markWidth = Math.max(...checks.map((check) => markOf(check)[0].length));
  const titleWidth = Math.max(...checks.map((check) => titleOf(check).length));
  const indent = ' '.repeat(markWidth + titleWidth + 4);
  return checks
    .map((check) => {
      const { summary, evidence, fix, command } = check;
      const [mark, colour] = markOf(check);
      const below = [
        ...(evidence === undefined ? [] : [paint('dim', escapeForTerminal(evidence))]),
        ...(fix === undefined ? [] : [`→ ${escapeForTerminal(fix)}`]),
        ...(command === undefined ? [] : [`  ${paint('cyan', escapeForTerminal(command))}`]),
      ];
      return `${paint(colour, mark.padEnd(markWidth))}  ${paint('bold', escapeForTerminal(titleOf(check)).padEnd(titleWidth))}  ${escapeForTerminal(summary)}\n${below.map((line) => `${indent}${line}\n`).join('')}`;
    })
    .join('');
}
