// SPDX-License-Identifier: MIT

export const hypervisor = {
  'hypervisor.device': 'The device {device}',
  'hypervisor.no-slots-left': 'a machine has slots for {count} devices more than it begins with',
  'hypervisor.ended-without-a-word': 'it ended without a word',
  'hypervisor.no-answer': 'no answer within {seconds} s',
  'hypervisor.started-without-ports': 'the machine was started without ports; it has them from its next start on',
  'hypervisor.other-program': 'it is {program} now',
  'hypervisor.no-file': 'a program without a file',
  'hypervisor.not-ended-in-time': 'it has not ended within {seconds} s',
  'hypervisor.no-vhost-net': 'there is no /dev/{vhostNet}, and its module does not load',
  'hypervisor.private-dev-needed':
    '/dev/{name} is given to a machine with a /dev of its own only, and the administrator turned that off',
  'hypervisor.huge-pages': 'Huge pages',
  'hypervisor.no-multiple-of-pages': 'the memory is no multiple of {pageBytes} bytes',
  'hypervisor.no-socket': '{path} is no socket',
  'hypervisor.other-listens': 'process {pid} of user {uid} listens there, not the machine',
  'hypervisor.not-answered-yet': 'it has not answered yet',
  'hypervisor.vfio-group': 'VFIO group {group}',
  'hypervisor.too-many-functions': 'it has {count} devices, and a machine takes {most} of one group',
  'hypervisor.not-ended': 'it has not ended',
  'hypervisor.no-share-slots': 'the machine was started without slots for file systems',
  'hypervisor.share-slots-taken': 'all {slots} slots for file systems are taken until its next start',
  'hypervisor.reads-no-commands': 'QEMU reads no commands',
  'hypervisor.connection-closed': 'the connection closed',
  'hypervisor.odd-answer': 'an answer of an unexpected form',
} as const;
