// SPDX-License-Identifier: MIT
import type { AccessEntry } from '#contract/security.ts';
import type { LaterValue } from '#contract/open-enum.ts';

/** Things of one kind that the machine can touch, told as one. */
export interface TouchGroup {
  readonly id:
    | 'disk'
    | 'image'
    | 'start'
    | 'program'
    | 'control'
    | 'log'
    | 'basics'
    | 'processor'
    | 'device'
    | 'network'
    | 'memory'
    | 'passthrough'
    | 'granted';
  readonly mode: AccessEntry['mode'];
  readonly what: readonly string[];
}

const order: readonly TouchGroup['id'][] = [
  'disk',
  'image',
  'start',
  'program',
  'network',
  'processor',
  'basics',
  'control',
  'log',
  'memory',
  'device',
  'passthrough',
  'granted',
];

/** What every program on Linux has: an empty sink, zeros and random numbers. */
const basics: ReadonlySet<string> = new Set(
  ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`),
);

/** The access of a machine in the order in which people care; nothing is left out and nothing added. */
export function touchGroups(access: readonly AccessEntry[]): readonly TouchGroup[] {
  const groups = new Map<string, { id: TouchGroup['id']; mode: AccessEntry['mode']; what: string[] }>();
  for (const entry of access) {
    const id = groupOf(entry);
    const key = `${id} ${entry.mode}`;
    const group = groups.get(key) ?? { id, mode: entry.mode, what: [] };
    group.what.push(entry.what);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || (a.mode < b.mode ? 1 : -1));
}

function groupOf({ purpose, what }: AccessEntry): TouchGroup['id'] {
  switch (purpose) {
    case 'disk':
    case 'block-device':
      return 'disk';
    case 'image':
      return 'image';
    case 'seed':
    case 'kernel':
    case 'firmware':
      return 'start';
    case 'program':
      return 'program';
    case 'control':
    case 'serial':
      return 'control';
    case 'log':
      return 'log';
    case 'network':
      return 'network';
    case 'hugepages':
    case 'memory':
      return 'memory';
    case 'passthrough':
      return 'passthrough';
    case 'granted':
      return 'granted';
    case 'device':
      return basics.has(what) ? 'basics' : what === '/dev/kvm' ? 'processor' : 'device';
    default:
      purpose satisfies LaterValue;
      return 'device';
  }
}
