// SPDX-License-Identifier: MIT
import { capitalised } from './capitalised.ts';
import { isKnown, wordOf, type LaterValue } from './open-enum.ts';
import type { OperationKind } from './operations.ts';
import { isVerb, verbs, type InstanceVerb, type OperationWords } from './verbs.ts';

/** Of the operations that are no verb of an instance that exists. */
const others: Readonly<Record<Exclude<OperationKind, InstanceVerb>, OperationWords>> = {
  launch: { label: 'Launch', underWay: 'Launching', done: 'is ready', doing: 'launch' },
  'image-import': { label: 'Import image', underWay: 'Importing', done: 'was imported', doing: 'import' },
  'image-build': { label: 'Build image', underWay: 'Building', done: 'was built', doing: 'build' },
  'image-fetch': { label: 'Download image', underWay: 'Downloading', done: 'was downloaded', doing: 'download' },
  'image-refresh': { label: 'Refresh image sources', underWay: 'Refreshing', done: 'were refreshed', doing: 'refresh' },
  'image-verify': { label: 'Verify image', underWay: 'Verifying', done: 'is intact', doing: 'verify' },
};

/** What an operation is called; one that a later helper brought, by its kind. */
export function operationWords(kind: OperationKind | LaterValue): OperationWords {
  if (isVerb(kind)) return verbs[kind].words;
  if (isKnown(others, kind)) return others[kind];
  const word = wordOf(kind);
  const label = capitalised(word);
  return { label, underWay: label, done: `${word} is done`, doing: word };
}
