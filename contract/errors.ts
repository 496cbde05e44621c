// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { errorMessages, type ErrorCode, type ErrorWords } from '#messages/en/index.ts';
import { firstErrors } from '#messages/en/errors.ts';
import { failed } from '#messages/exit-codes.ts';
import { say, sayError } from '#messages/say.ts';
import { operationId } from './names.ts';
import { isKnown, open } from './open-enum.ts';
import { saidHere, toldSentences } from './told-sentence.ts';

export type { ErrorCode };
export const errorCode = z.enum(Object.keys(errorMessages) as [ErrorCode, ...ErrorCode[]]);

export const errorParams = z.record(z.string(), z.union([z.string(), z.number()]));
export type ErrorParams = z.infer<typeof errorParams>;

/** What an error is on the wire (JSON-RPC `error.data`), in a record and in an event. */
export const helperErrorData = z.object({
  code: open(errorCode),
  params: errorParams,
  /** Those of `params` that are sentences of the catalogue, for whoever does not read English. */
  sentences: toldSentences,
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
export function describeError(error: Pick<HelperErrorData, 'code' | 'params' | 'sentences' | 'words'>): ErrorWords {
  if (!isKnown(errorMessages, error.code)) return error.words ?? laterError(error.code);
  return sayError(error.code, { ...error.params, ...saidHere(error.sentences) });
}

/** An error as it goes to others: with its words, where somebody may not know its code. */
export function withWords(error: HelperErrorData): HelperErrorData {
  if (Object.hasOwn(firstErrors, error.code)) return error;
  return { ...error, words: { ...describeError(error), exitCode: exitCodeOf(error) } };
}

/** What can be said of a code that a later version brought, where no words came with it. */
function laterError(code: string): ErrorWords {
  return {
    message: say('error.unknown-code', { code }),
    hint: say('error.unknown-code.way-out'),
  };
}

/** The process exit code of the command line for an error. */
export function exitCodeOf(error: Pick<HelperErrorData, 'code' | 'words'>): number {
  if (isKnown(errorMessages, error.code)) return errorMessages[error.code].exitCode;
  return error.words?.exitCode ?? failed;
}
