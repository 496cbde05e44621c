// SPDX-License-Identifier: MIT

/** A device number that stands for all of them. */
export const anyNumber = 0xffff_ffff;

const [r0, r1, r2, r6, r7, r8, r9, r10] = [0, 1, 2, 6, 7, 8, 9, 10];
const mapLookup = 1;
const characterDevice = 2;

/**
 * The program that decides on a device (BPF_PROG_TYPE_CGROUP_DEVICE; struct bpf_cgroup_dev_ctx of
 * linux/bpf.h: access type, major, minor). It asks the map for the very device, then for its major, then
 * for its minor, then for all; the first that is there decides, and none means no. A value holds the rights
 * on block devices in its lowest bits and those on character devices eight above: 1 mknod, 2 read, 4 write.
 */
export function deviceProgram(mapFd: number): Buffer {
  const code: Buffer[] = [
    loadWord(r6, r1, 0),
    loadWord(r7, r1, 4),
    loadWord(r8, r1, 8),
    move(r9, r6),
    withNumber(0x77, r9, 16),
    withNumber(0x57, r9, 7), // wanted = (access_type >> 16) & 7
    withNumber(0x57, r6, 0xffff),
    jump(0x55, r6, characterDevice, 1),
    withNumber(0x67, r9, 8),
  ];
  const lookups: number[] = [];
  for (const { hasMajor, hasMinor } of [
    { hasMajor: true, hasMinor: true },
    { hasMajor: true, hasMinor: false },
    { hasMajor: false, hasMinor: true },
    { hasMajor: false, hasMinor: false },
  ]) {
    code.push(
      hasMinor ? storeWord(r10, r8, -8) : storeNumber(r10, -1, -8),
      hasMajor ? storeWord(r10, r7, -4) : storeNumber(r10, -1, -4),
    );
    code.push(...loadMap(r1, mapFd), move(r2, r10), withNumber(0x07, r2, -8), instruction(0x85, [0], 0, mapLookup));
    lookups.push(code.push(Buffer.alloc(8)) - 1);
  }
  code.push(withNumber(0xb7, r0, 0), exit());
  const found = code.length;
  code.push(
    loadWord(r1, r0, 0),
    instruction(0x5f, [r1, r9]),
    withNumber(0xb7, r0, 1),
    instruction(0x1d, [r1, r9], 1),
    withNumber(0xb7, r0, 0),
    exit(),
  );
  for (const at of lookups) code[at] = jump(0x55, r0, 0, found - at - 1); // a value was found
  return Buffer.concat(code);
}

/** struct bpf_insn: code, two registers in a byte, offset, number. */
function instruction(
  code: number,
  registers: readonly [target: number, source?: number],
  offset = 0,
  number = 0,
): Buffer {
  const [target, source = 0] = registers;
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(code, 0);
  bytes.writeUInt8(target | (source << 4), 1);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(number, 4);
  return bytes;
}

const loadWord = (target: number, source: number, offset: number): Buffer =>
  instruction(0x61, [target, source], offset);
const storeWord = (target: number, source: number, offset: number): Buffer =>
  instruction(0x63, [target, source], offset);
const storeNumber = (target: number, number: number, offset: number): Buffer =>
  instruction(0x62, [target], offset, number);
const move = (target: number, source: number): Buffer => instruction(0xbf, [target, source]);
const withNumber = (code: number, target: number, number: number): Buffer => instruction(code, [target], 0, number);
const jump = (code: number, register: number, number: number, offset: number): Buffer =>
  instruction(code, [register], offset, number);
/** A number of 64 bits takes two; source 1 says that it is a map's descriptor. */
const loadMap = (target: number, mapFd: number): Buffer[] => [
  instruction(0x18, [target, 1], 0, mapFd),
  Buffer.alloc(8),
];
const exit = (): Buffer => instruction(0x95, [0]);
