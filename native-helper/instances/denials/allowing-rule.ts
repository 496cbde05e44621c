// SPDX-License-Identifier: MIT
import { quotePath } from '../../confinement/profile.ts';
import type { DenialRecord } from '../../store/denial-record.ts';

/**
 * Makes and deletes are writes for a rule (apparmor.d(5), "Access Modes"); a link is named by both ends and cannot be
 * written from one record.
 */
const permissions: Readonly<Record<string, string>> = {
  r: 'r',
  w: 'w',
  a: 'w',
  c: 'w',
  d: 'w',
  k: 'k',
  m: 'm',
  x: 'ix',
};
const order = ['r', 'w', 'k', 'm', 'ix'];

/** The AppArmor rule that would allow this very thing; undefined where none can be written without allowing more. */
export function allowingRule(
  denied: Pick<DenialRecord, 'kind' | 'subject' | 'access' | 'details' | 'isExact'>,
): string | undefined {
  if (!denied.isExact) return undefined;
  const of = (name: string): string => denied.details[name] ?? '';
  const peer = /^[A-Za-z0-9._/-]+$/.test(of('peer')) ? ` peer=${of('peer')}` : undefined;
  switch (denied.kind) {
    case 'file':
    case 'exec':
      return fileRule(denied.subject, denied.access ?? '');
    case 'capability':
      return /^[a-z_]+$/.test(denied.subject) ? `capability ${denied.subject},` : undefined;
    case 'network':
      return /^[a-z0-9_]+ [a-z]+$/.test(denied.subject) ? `network ${denied.subject},` : undefined;
    case 'socket':
      return /^[a-z]+$/.test(of('sock_type'))
        ? `unix (${words(of('denied_mask'))}) type=${of('sock_type')},`
        : undefined;
    case 'signal':
      return peer === undefined ? undefined : `signal (${words(of('denied_mask'))}) set=(${of('signal')})${peer},`;
    case 'ptrace':
      return peer === undefined ? undefined : `ptrace (${words(of('denied_mask'))})${peer},`;
    case 'profile':
      return /^[A-Za-z0-9._-]+$/.test(denied.subject) ? `change_profile -> ${denied.subject},` : undefined;
    case 'mount':
    case 'other':
      return undefined;
    default:
      return undefined; // noted by a later version
  }
}

function fileRule(path: string, access: string): string | undefined {
  const letters = new Set(Array.from(access, (letter) => permissions[letter]));
  if (letters.has(undefined) || letters.size === 0) return undefined;
  try {
    return `${path.endsWith('/') ? quotePath(path.slice(0, -1), '/') : quotePath(path)} ${order.filter((letter) => letters.has(letter)).join('')},`;
  } catch {
    return undefined; // a name that no rule can say exactly
  }
}

function words(mask: string): string {
  return mask
    .trim()
    .split(/[\s,]+/)
    .join(', ');
}
