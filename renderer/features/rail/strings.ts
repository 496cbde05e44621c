// SPDX-License-Identifier: MIT
export const railStrings = {
  navigation: 'Main',
  instances: 'Instances',
  images: 'Images',
  activity: 'Activity',
  settings: 'Settings',
  running: (count: number): string => `${count} running`,
  connecting: 'Connecting…',
  down: 'Helper not reached',
  connected: 'Helper connected',
  tcg: 'Software emulation (TCG): slower',
  tcgWhy:
    'This computer offers no usable KVM, so QEMU translates every instruction. Instances work, but start several times slower.',
  kvm: 'Hardware acceleration (KVM)',
} as const;
