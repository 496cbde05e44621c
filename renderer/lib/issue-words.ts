// SPDX-License-Identifier: MIT
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';

/** What the contract's schema has against a value. */
export interface Issue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}

/** The words beside a field. Sizes are in the units a person reads; any other message is as the helper would say it. */
export function issueWords({ code, message, minimum, maximum }: Issue, isSize: boolean): string {
  const show = (value: unknown): string => (isSize ? formatBytes(Number(value)) : String(value));
  if (code === 'invalid_type') return isSize ? say('form.not-a-size') : say('form.not-a-number');
  if (code === 'too_small') return say('form.at-least', { limit: show(minimum) });
  if (code === 'too_big') return say('form.at-most', { limit: show(maximum) });
  return message;
}
