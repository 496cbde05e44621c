// SPDX-License-Identifier: MIT

export const helperDown = {
  'helper-down.connecting': 'Connecting to the helper',
  'helper-down.connecting-text': 'The helper is the root service that runs your instances.',
  'helper-down.retrying': 'Berth keeps trying to connect. This page closes as soon as the helper answers.',
  'helper-down.socket': 'Socket',
  'helper-down.detail': 'Detail',
  'helper-down.lost': 'The helper does not respond. You see the last known state.',
  'helper-down.lost-more': 'Running instances keep running. Berth keeps trying to connect.',
  'helper-down.title-no-socket': 'The helper is not running',
  'helper-down.text-no-socket': 'The helper’s socket does not exist. The helper is not started or not installed.',
  'helper-down.title-no-permission': 'You do not have access to the helper',
  'helper-down.text-no-permission':
    'The helper is running, but only members of its group can use it, and you are not a member yet.',
  'helper-down.title-refused': 'The helper does not accept connections',
  'helper-down.text-refused': 'Its socket exists, but nothing is listening on it. The helper has probably crashed.',
  'helper-down.title-version-mismatch': 'The window and the helper are different versions',
  'helper-down.text-version-mismatch':
    'They use different versions of their protocol. Update the older one. After an update, restart the helper; instances keep running.',
  'helper-down.title-lost': 'The connection to the helper was lost',
  'helper-down.text-lost': 'The helper stopped or was restarted. Running instances keep running without it.',
  'helper-down.start': 'Start it now and at every boot:',
  'helper-down.start-again': 'Start it again:',
  'helper-down.start-lost': 'If it does not come back, start it:',
  'helper-down.restart': 'Restart the helper after an update:',
  'helper-down.join': 'Join the group, then log out and in again:',
  'helper-down.show-log': 'Show its log:',
} as const satisfies Readonly<Record<string, string>>;
