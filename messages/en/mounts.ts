// SPDX-License-Identifier: MIT

export const mounts = {
  'mount.sshfs-ended': 'sshfs ended in the guest',
} as const;
