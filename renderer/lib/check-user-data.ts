// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { userDataKind, whyIgnored } from '#contract/user-data.ts';
import { say } from '#messages/say.ts';

/**
 * A quick look at a cloud-init document, for what the helper would refuse or cloud-init would
 * silently ignore. The helper's own reading stays the judge. Returns a sentence, or undefined.
 */
export function checkUserData(document: string | Uint8Array): string | undefined {
  if (typeof document === 'string' && document.trim() === '') return undefined;
  const bytes = typeof document === 'string' ? new TextEncoder().encode(document) : document;
  const ignored = whyIgnored(bytes);
  if (ignored !== undefined) return `${capitalised(ignored)}.`;
  const lines = userDataKind(bytes) === 'cloud-config' ? new TextDecoder().decode(bytes).split('\n') : [];
  const tabLine = lines.findIndex((line) => /^\s*\t/.test(line));
  return tabLine === -1 ? undefined : say('launch.user-data-tab', { line: tabLine + 1 });
}
