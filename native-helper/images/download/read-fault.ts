// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { toldSentence } from '#contract/told-sentence.ts';
import type { Sentence } from '#messages/sentence.ts';
import type { FetchFault } from '../fetch/fetch-request.ts';

/** The program has read what a server sent: its last line is looked at like what any server says. */
const fetchFault = z.object({
  kind: z.enum(['passing', 'final', 'refused', 'proxy']),
  reason: z.union([z.string(), toldSentence]),
  isOfProxy: z.boolean().optional(),
});

/** What the fetching program says when it fails. @throws Error where the line is none of its own */
export function readFault(line: string): FetchFault {
  const { reason, ...fault } = fetchFault.parse(JSON.parse(line));
  return { ...fault, reason: reason as string | Sentence };
}
