// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const sectorBytes = 512;

/** A raw disk without a sector that is empty or the same as another: an image of it is as large as it is. */
export function fullDisk(bytes: number): Buffer {
  const disk = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += sectorBytes) disk.writeUInt32LE(Math.imul(at + 7, 2654435761) >>> 0, at);
  return disk;
}

/** What a publisher would offer of this raw disk. */
export async function asQcow2(disk: Buffer): Promise<Buffer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-qcow2-'));
  try {
    const [raw, qcow2] = [path.join(directory, 'raw'), path.join(directory, 'qcow2')];
    await writeFile(raw, disk);
    await promisify(execFile)('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2]);
    return await readFile(qcow2);
  } finally {
    await rm(directory, { recursive: true });
  }
}
