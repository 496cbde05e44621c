// SPDX-License-Identifier: MIT

export interface CpioEntry {
  readonly path: string;
  /** Type and permission bits, as in stat(2). */
  readonly mode: number;
  readonly data?: Uint8Array;
}

export const directoryMode = 0o040755;
export const programMode = 0o100755;
export const fileMode = 0o100644;
export const linkMode = 0o120777;

/**
 * A cpio archive in the "newc" form, all owned by root, dated 1970: what the kernel unpacks as
 * initramfs (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  let number = 1;
  for (const entry of [...entries, { path: 'TRAILER!!!', mode: 0 }]) {
    const data = Buffer.from(entry.data ?? []);
    const name = Buffer.from(`${entry.path}\0`);
    const fields = [number, entry.mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    parts.push(padded(Buffer.concat([Buffer.from(header), name])), padded(data));
    number += 1;
  }
  return Buffer.concat(parts);
}

function padded(part: Buffer): Buffer {
  const missing = -part.length & 3;
  return missing === 0 ? part : Buffer.concat([part, Buffer.alloc(missing)]);
}
