// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import {
  filterChoices,
  shareFilter,
  type FilteredArchitecture,
} from '../../../native-helper/shares/filter/share-filter.ts';

const pretend = 0x0005_0000;
const refused = 0x0005_0001;
const noSuchCall = 0x0005_0026;
const notSupported = 0x0005_005f;
const allow = 0x7fff_0000;
const none = 0xffff_ffff;

/** Runs the program as the kernel would, over struct seccomp_data. Only what it uses is understood. */
function verdict(
  architecture: FilteredArchitecture,
  kind: keyof typeof filterChoices,
  { audit, number, args }: { readonly audit: number; readonly number: number; readonly args: readonly number[] },
): number {
  const program = shareFilter(architecture, filterChoices[kind]);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  args.forEach((value, index) => data.writeUInt32LE(value, 16 + index * 8));
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const [code, ifTrue, ifFalse, operand] = [
      program.readUInt16LE(at * 8),
      program.readUInt8(at * 8 + 2),
      program.readUInt8(at * 8 + 3),
      program.readUInt32LE(at * 8 + 4),
    ];
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x15) at += accumulator === operand ? ifTrue : ifFalse;
    else if (code === 0x35) at += accumulator >= operand ? ifTrue : ifFalse;
    else if (code === 0x45) at += (accumulator & operand) === 0 ? ifFalse : ifTrue;
    else if (code === 0x54) accumulator &= operand;
    else if (code === 0x06) return operand;
    else throw new Error(`an instruction ${code}`);
  }
  throw new Error('it ran past its end');
}

const x64 = 0xc000_003e;
const arm64 = 0xc000_00b7;

test.each([
  ['setresuid of the effective user alone', 'x64', { audit: x64, number: 117, args: [none, 1000, none] }, pretend],
  ['setresgid of the effective group alone', 'x64', { audit: x64, number: 119, args: [none, 1000, none] }, pretend],
  ['setresuid on arm64', 'arm64', { audit: arm64, number: 147, args: [none, 0, none] }, pretend],
  ['setresgid on arm64', 'arm64', { audit: arm64, number: 149, args: [none, 0, none] }, pretend],
  [
    'setresuid of all three, as setpriv calls it',
    'x64',
    { audit: x64, number: 117, args: [20_001, 20_001, 20_001] },
    allow,
  ],
  ['setresuid with a saved user', 'x64', { audit: x64, number: 117, args: [none, 0, 0] }, allow],
  ['setresuid with a real user', 'x64', { audit: x64, number: 117, args: [0, 0, none] }, allow],
  ['another call', 'x64', { audit: x64, number: 1, args: [none, 0, none] }, allow],
  ['the number of another architecture', 'x64', { audit: arm64, number: 117, args: [none, 0, none] }, refused],
] as const)('%s', (_, architecture, call, expected) => {
  expect(verdict(architecture, 'virtiofsd', call)).toBe(expected);
});

const at = 0xffff_ff9c; // AT_FDCWD
const create = 0o101;
const temporary = 0o20_200_002;

test.each([
  ['chmod 4755', 'x64', { audit: x64, number: 90, args: [1, 0o4755] }, refused],
  ['chmod 2755', 'x64', { audit: x64, number: 90, args: [1, 0o2755] }, refused],
  ['chmod 1777', 'x64', { audit: x64, number: 90, args: [1, 0o1777] }, allow],
  ['fchmod', 'x64', { audit: x64, number: 91, args: [5, 0o6777] }, refused],
  ['fchmodat', 'x64', { audit: x64, number: 268, args: [at, 1, 0o4700] }, refused],
  ['fchmodat2', 'x64', { audit: x64, number: 452, args: [at, 1, 0o4700, 0] }, refused],
  ['chmod by the x32 interface', 'x64', { audit: x64, number: 0x4000_0000 + 90, args: [1, 0o755] }, refused],
  ['openat that makes a file', 'x64', { audit: x64, number: 257, args: [at, 1, create, 0o4755] }, refused],
  ['openat of a file without a name', 'x64', { audit: x64, number: 257, args: [at, 1, temporary, 0o4755] }, refused],
  ['openat that makes a plain file', 'x64', { audit: x64, number: 257, args: [at, 1, create, 0o644] }, allow],
  [
    'openat that makes none, whatever stands in the place of a mode',
    'x64',
    { audit: x64, number: 257, args: [at, 1, 0, none] },
    allow,
  ],
  ['open', 'x64', { audit: x64, number: 2, args: [1, create, 0o4755] }, refused],
  ['creat', 'x64', { audit: x64, number: 85, args: [1, 0o4755] }, refused],
  ['openat2', 'x64', { audit: x64, number: 437, args: [at, 1, 2, 24] }, noSuchCall],
  ['io_uring_setup', 'x64', { audit: x64, number: 425, args: [8, 1] }, noSuchCall],
  ['mknodat of a device', 'x64', { audit: x64, number: 259, args: [at, 1, 0o020_666, 261] }, refused],
  ['mknodat of a disk', 'x64', { audit: x64, number: 259, args: [at, 1, 0o060_666, 261] }, refused],
  ['mknodat of a set-user-id file', 'x64', { audit: x64, number: 259, args: [at, 1, 0o104_755, 0] }, refused],
  ['mknodat of a FIFO', 'x64', { audit: x64, number: 259, args: [at, 1, 0o010_644, 0] }, allow],
  ['mkdirat', 'x64', { audit: x64, number: 258, args: [at, 1, 0o2777] }, refused],
  ['fchmodat', 'arm64', { audit: arm64, number: 53, args: [at, 1, 0o4755] }, refused],
  ['openat', 'arm64', { audit: arm64, number: 56, args: [at, 1, create, 0o2755] }, refused],
  ['mknodat', 'arm64', { audit: arm64, number: 33, args: [at, 1, 0o020_666] }, refused],
] as const)('no server makes what others would run as the user: %s on %s', (_, architecture, call, expected) => {
  for (const kind of ['virtiofsd', 'piped'] as const) expect(verdict(architecture, kind, call)).toBe(expected);
});

test('extended attributes are for virtiofsd alone, and to stay who it is too', () => {
  for (const number of [188, 189, 190, 463])
    expect([
      verdict('x64', 'piped', { audit: x64, number, args: [] }),
      verdict('x64', 'virtiofsd', { audit: x64, number, args: [] }),
    ]).toEqual([notSupported, allow]);
  expect(verdict('x64', 'piped', { audit: x64, number: 117, args: [none, 1000, none] })).toBe(allow);
});
