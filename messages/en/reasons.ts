// SPDX-License-Identifier: MIT

/** Why something is so: what stands in the place `{reason}` of an error. */
export const reasons = {
  'mount.sshfs-ended': 'sshfs ended in the guest',
} as const satisfies Readonly<Record<string, string>>;
