// SPDX-License-Identifier: MIT

export const network = {
  'network.call-failed': '{call} failed (errno {errno})',
  'network.user-cannot-enter': 'its user cannot enter {place}, which needs mode o+x',
  'network.not-ready': 'it was not ready within {seconds} s',
  'network.ended-without-a-word': 'it ended without a word',
  'network.port-held': '{line}; port {port} is held by {holder}',
  'network.no-bridge-name': "{bridge} cannot be a bridge's name",
  'network.no-tap-of-ours': '{tap} is no tap of ours',
  'network.unseen-process': 'a process that cannot be seen',
  'network.nameless-process': 'a process (process {pid})',
  'network.process': '{name} (process {pid})',
  'network.pipe-failed': 'pipe failed (errno {errno})',
  'network.addresses-in-use': 'all {count} addresses are in use',
  'network.tun-not-opened': 'cannot open /dev/net/tun: {reason}',
  'network.tap-not-opened': 'the tap {name} cannot be opened (errno {errno})',
} as const;
