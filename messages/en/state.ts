// SPDX-License-Identifier: MIT

/** Of instances whose memory is kept. */
export const savedState = {
  'saved.suspended-title': 'Suspended: {size} of memory on disk',
  'saved.suspended-way-out': 'Start it to continue where it was.',
  'saved.be-stopped': 'be stopped without losing its saved memory',
  'saved.change-security': 'have its security settings changed',
  'saved.has-hardware': 'it has hardware of this computer',
  'saved.has-arguments': 'it has QEMU arguments of its own',
  'saved.from-before': 'it was started by an earlier version of Berth; restart it once',
  'saved.too-large': 'QEMU wrote {size} for its memory, which can take {most} at most',
  'saved.has-folders': 'a shared folder could not be taken out of it, maybe because a program in it uses that folder',
  'saved.memory-missing': 'its file is missing',
  'saved.memory-length': 'its file has {bytes} bytes instead of {expected}',
  'saved.memory-digest': 'its file was changed',
  'saved.what-qemu': 'the version of QEMU',
  'saved.what-machine-type': 'the machine type',
  'saved.what-cpu-model': 'the CPU model',
  'saved.what-processor': "this computer's processor",
  'saved.what-accelerator': 'the acceleration',
  'saved.what-architecture': 'the architecture',
  'saved.what-cpus': 'the number of CPUs',
  'saved.what-memory': 'the memory size',
  'saved.what-disk': 'the disk size',
  'saved.what-mac': 'the MAC address',
  'saved.what-uuid': 'the UUID',
} as const satisfies Readonly<Record<string, string>>;
