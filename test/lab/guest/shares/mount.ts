// SPDX-License-Identifier: MIT
import type { MountRecord } from '../../../../native-helper/store/instance-record.ts';

export const instance = 'vm-served';
/** With all that has a meaning in a profile. */
export const folder = '/home/mia/My Project, {x}';
export const mia = { uid: 1000, gid: 1000 };
/** Of the guest; her files are his there. */
export const guestUser = { uid: 1001, gid: 1001 };

/** A mount of the folder, as a record has it. */
export function mountOf(id: string, more: Partial<MountRecord> = {}): MountRecord {
  return {
    id,
    source: folder,
    target: '/mnt/x',
    isReadOnly: false,
    type: 'auto',
    uidMaps: [],
    gidMaps: [],
    owner: mia,
    ...more,
  };
}
