// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import { instanceVerbs, isOffered, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { say, saySentence } from '#messages/say.ts';

/** A verb of the table, or its forced form. */
export type InstanceAction = InstanceVerb | `force-${InstanceVerb}`;

/** All there are, in the order in which they are offered. */
export const instanceActions: readonly InstanceAction[] = instanceVerbs.flatMap((verb) =>
  verbs[verb].forced === undefined ? [verb] : [verb, `force-${verb}` as const],
);

/** What can be done with an instance now; every button, menu and the palette ask here. */
export function actionsOf(instance: InstanceSummary): ReadonlySet<InstanceAction> {
  return new Set(instanceActions.filter((action) => isOffered(verbOf(action), instance, isForced(action))));
}

export function verbOf(action: InstanceAction): InstanceVerb {
  return instanceVerbs.find((verb) => action === verb || action === `force-${verb}`)!;
}

export function isForced(action: InstanceAction): boolean {
  return action !== verbOf(action);
}

/** As on a button. What asks first says so by three dots. */
export function labelOf(action: InstanceAction): string {
  const verb = verbOf(action);
  const { forced, isFinal } = verbs[verb];
  if (isForced(action)) return saySentence(forced!.label);
  const label = say(`verb.${verb}.label`);
  return isFinal ? `${label}…` : label;
}

/** The command for an action on instances. */
export function actionLine(action: InstanceAction, names: readonly string[]): string {
  const verb = verbOf(action);
  const words = isForced(action) ? [verb, verbs[verb].forced!.option] : [verb];
  return ['berth', ...words, ...names].join(' ');
}
