// SPDX-License-Identifier: MIT

/** Commands about the helper and its operations, and what is said of a helper that is not reached. */
export const helper = {
  'cli.activity.description': 'list current and past operations',
  'cli.cancel.description': 'cancel an operation',
  'cli.version.description': 'show the versions of this program and the helper',
  'cli.version.program': 'berth',
  'cli.version.helper': 'helper',
  'cli.version.not-reached': 'not reached: {reason} [{code}]',
  'cli.helper.checkout-hint':
    'Start it (./run start, or systemctl start berth-helper where Berth is installed) and check that you are a member of its group.',
} as const satisfies Readonly<Record<string, string>>;
