// SPDX-License-Identifier: MIT
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';

const sentences: Readonly<Record<string, PlainTextId>> = {
  ENOENT: 'client.copy.no-such-file',
  EACCES: 'client.copy.permission-denied',
  EPERM: 'client.copy.permission-denied',
  ENOSPC: 'client.copy.disk-full',
  EDQUOT: 'client.copy.quota-used-up',
  EROFS: 'client.copy.read-only',
  ENAMETOOLONG: 'client.copy.name-too-long',
  ENOTDIR: 'client.copy.part-no-folder',
  EISDIR: 'client.copy.is-folder',
  EEXIST: 'client.copy.exists',
  ELOOP: 'client.copy.became-link',
};

/** Why something failed on either side, in words that follow a name and a colon. */
export function explainFailure(error: unknown): string {
  const sentence = sentences[(error as NodeJS.ErrnoException | null)?.code ?? ''];
  if (sentence !== undefined) return say(sentence);
  return error instanceof Error ? error.message : String(error);
}
