// SPDX-License-Identifier: MIT
export const railStrings = {
  navigation: 'Main',
  instances: 'Instances',
  images: 'Images',
  activity: 'Activity',
  settings: 'Settings',
  running: (count: number): string => `${count} running`,
  connecting: 'Connecting…',
  down: 'Helper not connected',
  connected: 'Helper connected',
  tcg: 'Software emulation (TCG): slower',
  tcgWhy:
    'KVM is not available on this computer, so QEMU emulates the processor. Instances work, but start several times more slowly.',
  kvm: 'Hardware acceleration (KVM)',
} as const;
