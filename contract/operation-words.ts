// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { capitalised } from './capitalised.ts';
import { isKnown, wordOf, type LaterValue } from './open-enum.ts';
import { operationKind, type OperationKind } from './operations.ts';
import { isVerb } from './verbs.ts';

/** What an operation is called: on a button, while it goes on, and when it is over. */
export interface OperationWords {
  /** On a button, in a menu, in the palette and in the list of activity: "Stop". */
  readonly label: string;
  /** While it goes on: "Stopping". */
  readonly underWay: string;
  /** What is told of its target afterwards: "is stopped". */
  readonly done: string;
  /** What could not be done to the target: "stop". */
  readonly doing: string;
}

/** What an operation is called; one that a later helper brought, by its kind. */
export function operationWords(kind: OperationKind | LaterValue): OperationWords {
  if (isVerb(kind))
    return {
      label: say(`verb.${kind}.label`),
      underWay: say(`verb.${kind}.under-way`),
      done: say(`verb.${kind}.done`),
      doing: say(`verb.${kind}.doing`),
    };
  if (isKnown(operationKind.enum, kind))
    return {
      label: say(`operation.${kind}.label`),
      underWay: say(`operation.${kind}.under-way`),
      done: say(`operation.${kind}.done`),
      doing: say(`operation.${kind}.doing`),
    };
  const word = wordOf(kind);
  const label = capitalised(word);
  return { label, underWay: label, done: say('operation.later-done', { operation: word }), doing: word };
}
