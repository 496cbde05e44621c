// SPDX-License-Identifier: MIT

const dynamicSegment = 2;
const loadSegment = 1;
const neededTag = 1;
const stringTableTag = 5;

/**
 * The libraries a 64-bit little-endian ELF file asks for (DT_NEEDED, elf(5)); empty for a static
 * program and for a file that is no ELF.
 */
export function neededLibraries(file: Buffer): readonly string[] {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return [];
  const segments = programHeaders(file);
  const dynamic = segments.find((segment) => segment.type === dynamicSegment);
  if (!dynamic) return [];

  const names: number[] = [];
  let tableAddress = 0;
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size && at + 16 <= file.length; at += 16) {
    const tag = Number(file.readBigUInt64LE(at));
    const value = Number(file.readBigUInt64LE(at + 8));
    if (tag === neededTag) names.push(value);
    if (tag === stringTableTag) tableAddress = value;
  }
  const home = segments.find(
    (segment) =>
      segment.type === loadSegment && tableAddress >= segment.address && tableAddress < segment.address + segment.size,
  );
  if (!home) return [];
  const table = tableAddress - home.address + home.offset;
  return names.map((name) => file.toString('latin1', table + name, file.indexOf(0, table + name)));
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function programHeaders(file: Buffer): Segment[] {
  const offset = Number(file.readBigUInt64LE(32));
  const entrySize = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = offset + index * entrySize;
    if (at + 56 > file.length) break;
    segments.push({
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    });
  }
  return segments;
}
