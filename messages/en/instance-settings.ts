// SPDX-License-Identifier: MIT

export const instanceSettings = {
  'setting.name.cpus': 'CPUs',
  'setting.name.memoryBytes': 'memory',
  'setting.name.diskBytes': 'disk',
  'setting.name.description': 'description',
  'setting.name.tags': 'tags',
  'setting.name.isProtected': 'protection',
  'setting.takes.at-once': 'at once',
  'setting.takes.next-start': 'at the next start',
  'setting.takes.stop-needed': 'only while it is stopped',
  'setting.stop-first': 'Stop it first: berth stop {name}',
  'setting.stop-suspended-first':
    'Continue it with berth start {name} and then stop it. Or discard its saved memory with berth stop --force {name}: what was not written to its disk is lost.',
  'setting.recover-first': 'Recover it first: berth recover {name}',
  'setting.over-committed':
    'With {memory}, the instances that run would be promised {promised} together; this computer has {host}. They slow down, or are ended, when they use it.',
  'setting.more-than-host':
    'With {memory}, it is promised more than this computer has ({host}). It slows down, or is ended, when it uses it.',
  'setting.disk-grows.by-itself': 'The file system of {name} grows into it when it boots, by its cloud-init.',
  'setting.disk-grows.by-hand':
    'The file system of {name} does not grow by itself. Start it, and run there: sudo sh -c "sfdisk --relocate gpt-bak-std /dev/vda; echo , + | sfdisk --force -N1 /dev/vda; partx -u /dev/vda; resize2fs /dev/vda1"',
  'setting.disk-grows.not-known':
    'Start {name}. Where its file system did not grow by itself, grow the partition and then the file system there (growpart, resize2fs).',
} as const;
