// SPDX-License-Identifier: MIT

export const rail = {
  'rail.navigation': 'Main',
  'rail.connecting': 'Connecting…',
  'rail.down': 'Helper not connected',
  'rail.connected': 'Helper connected',
  'rail.tcg': 'Software emulation (TCG): slower',
  'rail.tcg-why':
    'KVM is not available on this computer, so QEMU emulates the processor. Instances work, but start several times more slowly.',
  'rail.kvm': 'Hardware acceleration (KVM)',
} as const satisfies Readonly<Record<string, string>>;
