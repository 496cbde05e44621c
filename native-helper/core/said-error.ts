// SPDX-License-Identifier: MIT
import { inEnglish } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { messageOf } from './errors.ts';

/** Why something is so: a sentence of ours, or what a program or the system says. */
export type Reason = string | Sentence;

/** An error of a part that knows no code for it: whoever catches it gives its sentence on as a reason. */
export class SaidError extends Error {
  readonly sentence: Sentence;

  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(inEnglish(sentence), options);
    this.sentence = sentence;
  }
}

/** What was thrown, as a reason: a sentence where there is one, else its message. */
export function reasonFrom(error: unknown): Reason {
  return error instanceof SaidError ? error.sentence : messageOf(error);
}

/** A reason in English, for what takes only text. */
export function englishOf(reason: Reason): string {
  return typeof reason === 'string' ? reason : inEnglish(reason);
}
