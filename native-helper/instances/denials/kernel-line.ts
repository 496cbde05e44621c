// SPDX-License-Identifier: MIT

export interface KernelMessage {
  /** Rises by one with each message since the boot of the host. */
  readonly sequence: number;
  /** False for what a program wrote to /dev/kmsg: the kernel marks it so, whatever the program says. */
  readonly isFromKernel: boolean;
  readonly text: string;
}

/**
 * Reads a record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): `priority and facility,sequence,time,flags;text`,
 * with what is not printable, and the backslash, written as `\xNN`. Undefined for the lines of a dictionary that follow
 * a record.
 */
export function parseKernelLine(line: string): KernelMessage | undefined {
  const [, prefix, sequence, text] = /^(\d+),(\d+),\d+,[^;]*;(.*)$/.exec(line) ?? [];
  if (prefix === undefined || sequence === undefined || text === undefined) return undefined;
  const bytes = Buffer.from(
    text.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return { sequence: Number(sequence), isFromKernel: Number(prefix) >> 3 === 0, text: bytes.toString('utf8') };
}
