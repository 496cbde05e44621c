// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';
import { say } from '#messages/say.ts';
import type { TabNote } from '../../../ui/Tabs.tsx';

/** How many refused things wait for a decision. */
export function waitingNote({ denials }: InstanceSummary): TabNote | undefined {
  return denials === undefined || denials.undecided === 0
    ? undefined
    : { text: String(denials.undecided), label: say('security.denial-undecided', { count: denials.undecided }) };
}
