// SPDX-License-Identifier: MIT

interface GrubEntry {
  readonly label: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
}

/** A grub.cfg that shows itself on the serial port and starts one kernel at once. */
export function grubMenu(entry: GrubEntry): string {
  return [
    'serial --unit=0 --speed=115200',
    'terminal_input serial',
    'terminal_output serial',
    'set timeout=0',
    `search --no-floppy --label ${entry.label} --set=root`,
    `linux ${entry.kernel} ${entry.commandLine}`,
    `initrd ${entry.initrd}`,
    'boot',
    '',
  ].join('\n');
}
