// SPDX-License-Identifier: MIT
import type { MountAddParams, MountSummary } from '#contract/mounts.ts';
import { say } from '#messages/say.ts';
import { parseOwners } from './parse-owners.ts';

/** One folder of the sheet. */
export interface ShareRow {
  readonly source: string;
  readonly target: string;
  /** What the helper said when it was tried. */
  readonly refusal?: string;
}

/** What goes for all folders of the sheet. */
export interface ShareOptions {
  readonly access: 'rw' | 'ro';
  readonly owners: 'user' | 'numbers';
  readonly users: string;
  readonly groups: string;
  readonly type: MountAddParams['type'];
  readonly notify: 'off' | 'on';
}

export const plainOptions: ShareOptions = {
  access: 'rw',
  owners: 'user',
  users: '',
  groups: '',
  type: 'auto',
  notify: 'off',
};

/** A row for each folder, with a target of its own: the folder's name, numbered where it is taken. */
export function rowsFor(sources: readonly string[], mounts: readonly MountSummary[]): readonly ShareRow[] {
  const taken = new Set(mounts.map(({ target }) => nameOf(target)));
  return sources.map((source) => {
    const name = nameOf(source);
    let target = name;
    for (let number = 2; taken.has(target) && name !== ''; number += 1) target = `${name}-${number}`;
    taken.add(target);
    return { source, target };
  });
}

/** What is wrong with a row, before anybody is asked. */
export function problemOf(row: ShareRow, rows: readonly ShareRow[]): string | undefined {
  const target = row.target.trim();
  if (target === '') return say('share.missing');
  return rows.some((other) => other !== row && other.target.trim() === target) ? say('share.twice') : row.refusal;
}

/** What to send for each row; undefined while the options are not right. */
export function mountParams(
  options: ShareOptions,
): Pick<MountAddParams, 'isReadOnly' | 'type' | 'isNotifying' | 'uidMaps' | 'gidMaps'> | undefined {
  const uidMaps = options.owners === 'numbers' ? parseOwners(options.users) : [];
  const gidMaps = options.owners === 'numbers' ? parseOwners(options.groups) : [];
  if (uidMaps === undefined || gidMaps === undefined) return undefined;
  return {
    isReadOnly: options.access === 'ro',
    type: options.type,
    isNotifying: options.notify === 'on',
    uidMaps: [...uidMaps],
    gidMaps: [...gidMaps],
  };
}

export function nameOf(path: string): string {
  return (
    path
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? ''
  );
}
