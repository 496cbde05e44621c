// SPDX-License-Identifier: MIT
/**
 * A quick look at a cloud-init document, for what the helper would refuse or cloud-init would
 * silently ignore. The helper's own parse stays the judge. Returns a sentence, or undefined.
 * Source: cloud-init's "User data formats".
 */
export function checkUserData(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  const first = text.split('\n', 1)[0] ?? '';
  const known = ['#cloud-config', '#!', '#include', '#cloud-boothook', '#part-handler', '## template: jinja', 'Content-Type:', 'MIME-Version:'];
  if (!known.some((prefix) => first.startsWith(prefix))) {
    return 'The first line must say what this is: “#cloud-config” for YAML, “#!” for a script, or a MIME header.';
  }
  const tabLine = first.startsWith('#cloud-config') ? text.split('\n').findIndex((line) => /^\s*\t/.test(line)) : -1;
  return tabLine === -1 ? undefined : `Line ${tabLine + 1} is indented with a tab; YAML takes blanks only.`;
}
