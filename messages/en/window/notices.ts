// SPDX-License-Identifier: MIT

export const notices = {
  'notices.failed': 'Could not {doing} {target}',
  'notices.cancelled': 'Cancelled: {doing} {target}',
  'notices.done': '{target} {done}',
  'notices.phase-image': 'image phase',
  'notices.phase-disk': 'disk phase',
  'notices.phase-seed': 'seed phase',
  'notices.phase-network': 'network phase',
  'notices.phase-firmware': 'firmware phase',
  'notices.phase-kernel': 'kernel phase',
  'notices.phase-lease': 'lease phase',
  'notices.phase-sshd': 'sshd phase',
  'notices.phase-cloud-init': 'cloud-init phase',
  'notices.newly-refused': '{name} was blocked from accessing something',
  'notices.waiting':
    '{count, plural, =1 {Open its Security page to allow it or keep it blocked.} other {Open its Security page to review # requests.}}',
  'notices.refused': 'Could not run: {line}',
  'notices.region': 'Notices',
  'notices.undo': 'Undo',
  'notices.open': 'Open',
  'notices.start-with-consent': 'Allow and start',
} as const satisfies Readonly<Record<string, string>>;
