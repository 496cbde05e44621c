// SPDX-License-Identifier: MIT
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { wayOutOf } from '../way-out.ts';
import type { Paint } from './colour.ts';
import { escapeForTerminal } from './escape.ts';

/**
 * An error for stderr: message with the stable code in brackets, failed phase, causes when asked
 * for, the console's last lines, the way out.
 */
export function renderError(
  error: HelperErrorData,
  options: { readonly paint: Paint; readonly subject?: string; readonly showsCauses?: boolean },
): string {
  const { paint } = options;
  const { message } = describeError(error);
  const hint = wayOutOf(error);
  const subject = options.subject ? `${escapeForTerminal(options.subject)}: ` : '';
  const lines = [
    `${paint('red', 'berth:')} ${subject}${escapeForTerminal(message)} ${paint('dim', `[${error.code}]`)}`,
  ];
  if (error.phase) lines.push(`  ${say('cli.error.phase', { phase: escapeForTerminal(error.phase) })}`);
  if (options.showsCauses)
    lines.push(...error.causes.map((cause) => `  ${say('cli.error.because', { cause: escapeForTerminal(cause) })}`));
  if (error.consoleTail && error.consoleTail.length > 0) {
    lines.push(
      `  ${say('cli.error.console')}`,
      ...error.consoleTail.map((line) => `    | ${escapeForTerminal(line.replace(/\r$/, ''))}`),
    );
  }
  if (hint) lines.push(`  ${say('cli.error.hint', { hint: escapeForTerminal(hint) })}`);
  return `${lines.join('\n')}\n`;
}
