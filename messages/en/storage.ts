// SPDX-License-Identifier: MIT

export const storage = {
  'storage.users-given-away': 'all users up to {last} were given away',
  'process.not-installed': 'not installed',
  'process.install-package': 'install the package {package}',
  'process.not-started': 'not started',
  'process.signal': 'signal {signal}',
  'process.exit-code': 'exit code {exitCode}',
  'process.said-nothing': 'it said nothing',
  'storage.no-regular-file': 'it is no regular file',
  'storage.belongs-to-user': 'it belongs to user {uid}',
  'storage.others-may-use': 'others may use it (mode {mode})',
  'storage.has-names': 'it has {count} names',
  'storage.mounted-there': 'something is mounted there',
  'storage.action':
    '{action, select, create {create} find {find} handOver {hand over} lookAt {look at} lookAtDisksIn {look at the disks in} open {open} prepare {prepare} read {read} remove {remove} takeOver {take over} write {write} other {{action}}}',
  'storage.a-file': 'a file',
  'record.architecture': 'architecture',
  'record.disk-format': 'disk format',
  'record.kind-of-mount': 'kind of mount',
} as const;
