// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { failed } from './error-exit-codes.ts';
import { firstTemplates } from './error-templates.ts';
import { laterTemplates } from './later-error-templates.ts';
import { operationId } from './names.ts';
import { isKnown, open } from './open-enum.ts';

/** A row per code: what it says, how to get out, and the command line's exit code. */
export const errorTemplates = { ...firstTemplates, ...laterTemplates };

export type ErrorCode = keyof typeof errorTemplates;
export const errorCode = z.enum(Object.keys(errorTemplates) as [ErrorCode, ...ErrorCode[]]);

export const errorParams = z.record(z.string(), z.union([z.string(), z.number()]));
export type ErrorParams = z.infer<typeof errorParams>;

/** What an error is on the wire (JSON-RPC `error.data`), in a record and in an event. */
export const helperErrorData = z.object({
  code: open(errorCode),
  params: errorParams,
  operationId: operationId.optional(),
  /** The phase of a launch or start that failed. */
  phase: z.string().optional(),
  /** The last lines of the serial console where they explain the failure. */
  consoleTail: z.array(z.string()).optional(),
  /** What led to it, innermost last; free of keys and user data. */
  causes: z.array(z.string()).default([]),
  /** The sentence, the way out and the exit code, from whoever knows the code: for those who do not. */
  words: z.object({ message: z.string(), hint: z.string(), exitCode: z.int().min(1).max(255) }).optional(),
});
export type HelperErrorData = z.infer<typeof helperErrorData>;

/** JSON-RPC's own code for every error of ours; the stable code is in `error.data`. */
export const rpcErrorCode = -32000;

/** The sentence and the way out for an error, the same in window and terminal. */
export function describeError(error: Pick<HelperErrorData, 'code' | 'params' | 'words'>): {
  message: string;
  hint: string;
} {
  if (!isKnown(errorTemplates, error.code)) return error.words ?? laterError(error.code);
  const template = errorTemplates[error.code];
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, key: string) => String(error.params[key] ?? ''));
  return { message: fill(template.message), hint: fill(template.hint) };
}

/** An error as it goes to others: with its words, where somebody may not know its code. */
export function withWords(error: HelperErrorData): HelperErrorData {
  if (Object.hasOwn(firstTemplates, error.code)) return error;
  return { ...error, words: { ...describeError(error), exitCode: exitCodeOf(error) } };
}

/** What can be said of a code that a later version brought, where no words came with it. */
function laterError(code: string): { message: string; hint: string } {
  return {
    message: `The helper reports an error that this program does not know: ${code}`,
    hint: "Update this program to the helper's version.",
  };
}

/** The process exit code of the command line for an error. */
export function exitCodeOf(error: Pick<HelperErrorData, 'code' | 'words'>): number {
  if (isKnown(errorTemplates, error.code)) return errorTemplates[error.code].exitCode;
  return error.words?.exitCode ?? failed;
}
