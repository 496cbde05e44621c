// SPDX-License-Identifier: MIT

export type Propagation = 'shared' | 'slave' | 'private' | 'unbindable' | 'not mounted';

/**
 * How a mount point passes on what is mounted below it, by the optional fields of mountinfo (proc(5)):
 * `shared:N`, `master:N`, `unbindable`; none means private. The last mount on a place is the one in sight.
 */
export function propagationOf(mountinfo: string, place: string): Propagation {
  const line = mountinfo.split('\n').findLast((each) => each.split(' ')[4] === place);
  if (line === undefined) return 'not mounted';
  const fields = line.split(' ').slice(6);
  const optional = fields.slice(0, fields.indexOf('-'));
  if (optional.some((field) => field.startsWith('shared:'))) return 'shared';
  if (optional.some((field) => field.startsWith('master:'))) return 'slave';
  return optional.includes('unbindable') ? 'unbindable' : 'private';
}
