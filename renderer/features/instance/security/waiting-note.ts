// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import type { TabNote } from '../../../ui/Tabs.tsx';
import { securityStrings as strings } from './strings.ts';

/** How many refused things wait for a decision. */
export function waitingNote({ denials }: InstanceSummary): TabNote | undefined {
  return denials === undefined || denials.undecided === 0
    ? undefined
    : { text: String(denials.undecided), label: strings.waiting(denials.undecided) };
}
