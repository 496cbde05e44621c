// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { identityFilter, type FilteredArchitecture } from '../../../native-helper/shares/virtiofs/identity-filter.ts';

const pretend = 0x0005_0000;
const allow = 0x7fff_0000;
const none = 0xffff_ffff;

/** Runs the program as the kernel would, over struct seccomp_data. Only what it uses is understood. */
function verdict(architecture: FilteredArchitecture, { audit, number, args }: { readonly audit: number; readonly number: number; readonly args: readonly number[] }): number {
  const program = identityFilter(architecture);
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  args.forEach((value, index) => data.writeUInt32LE(value, 16 + index * 8));
  let accumulator = 0;
  for (let at = 0; at < program.length / 8; at += 1) {
    const [code, ifTrue, ifFalse, operand] = [program.readUInt16LE(at * 8), program.readUInt8(at * 8 + 2), program.readUInt8(at * 8 + 3), program.readUInt32LE(at * 8 + 4)];
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x15) at += accumulator === operand ? ifTrue : ifFalse;
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
  ['setresuid of all three, as setpriv calls it', 'x64', { audit: x64, number: 117, args: [20_001, 20_001, 20_001] }, allow],
  ['setresuid with a saved user', 'x64', { audit: x64, number: 117, args: [none, 0, 0] }, allow],
  ['setresuid with a real user', 'x64', { audit: x64, number: 117, args: [0, 0, none] }, allow],
  ['another call', 'x64', { audit: x64, number: 257, args: [none, 0, none] }, allow],
  ['the number of another architecture', 'x64', { audit: arm64, number: 117, args: [none, 0, none] }, allow],
] as const)('%s', (_, architecture, call, expected) => {
  expect(verdict(architecture, call)).toBe(expected);
});
