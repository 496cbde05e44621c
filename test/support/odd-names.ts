// SPDX-License-Identifier: MIT

/** Names of files that shells, options of mounts and protocols stumble over; each a name that Linux takes. */
export const oddNames: readonly string[] = [
  'two words',
  'quote\'s "and" `more`',
  'comma,equals=colon:',
  'new\nline',
  'star*?[a]{b}~',
  '$(reboot);&|<>',
  '-rf',
  'ünï-日本-🚢',
  'b\\ack\\slash',
  'n'.repeat(255),
];
