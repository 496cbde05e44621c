// SPDX-License-Identifier: MIT

const clusterBits = 16;
const clusterBytes = 2 ** clusterBits;
const headerBytes = 104;
const backingFormatExtension = 0xe2792aca;
const longestBackingName = 1023;

/**
 * An empty qcow2 file of version 3 that reads through to `backingPath`, a qcow2 image: what
 * `qemu-img create -F qcow2 -b` writes, without starting a process for it (docs/interop/qcow2.txt of
 * QEMU). Clusters: header, refcount table, one refcount block, then the first-level table.
 */
export function emptyOverlay(backingPath: string, sizeBytes: number): Buffer {
  const name = Buffer.from(backingPath);
  if (name.length > longestBackingName)
    throw new RangeError(`a backing file's name has ${longestBackingName} bytes at most`);
  const tableEntries = Math.ceil(sizeBytes / (clusterBytes * (clusterBytes / 8)));
  const tableClusters = Math.max(1, Math.ceil((tableEntries * 8) / clusterBytes));
  const clusters = 3 + tableClusters;
  const file = Buffer.alloc(clusters * clusterBytes);

  const extensionBytes = 8 + 8; // "qcow2" padded to eight
  const nameOffset = headerBytes + extensionBytes + 8;
  file.writeUInt32BE(0x514649fb, 0);
  file.writeUInt32BE(3, 4);
  file.writeBigUInt64BE(BigInt(nameOffset), 8);
  file.writeUInt32BE(name.length, 16);
  file.writeUInt32BE(clusterBits, 20);
  file.writeBigUInt64BE(BigInt(sizeBytes), 24);
  file.writeUInt32BE(tableEntries, 36);
  file.writeBigUInt64BE(BigInt(3 * clusterBytes), 40);
  file.writeBigUInt64BE(BigInt(clusterBytes), 48);
  file.writeUInt32BE(1, 56);
  file.writeUInt32BE(4, 96); // refcounts of 2^4 bits
  file.writeUInt32BE(headerBytes, 100);
  file.writeUInt32BE(backingFormatExtension, headerBytes);
  file.writeUInt32BE(5, headerBytes + 4);
  file.write('qcow2', headerBytes + 8, 'latin1');
  name.copy(file, nameOffset);

  file.writeBigUInt64BE(BigInt(2 * clusterBytes), clusterBytes);
  for (let cluster = 0; cluster < clusters; cluster += 1) file.writeUInt16BE(1, 2 * clusterBytes + cluster * 2);
  return file;
}
