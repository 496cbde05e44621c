// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTimerPanic, MilestoneScanner, type Milestone } from '../../../native-helper/instances/boot/milestones.ts';

const log = [
  'SeaBIOS (version 1.16.2)',
  'Welcome to GRUB!',
  'Booting from ROM..',
  '[    0.000000] Linux version 6.1.0-49-cloud-amd64 (debian-kernel@lists.debian.org)',
  '[    0.000000] Command line: console=ttyS0',
  '[    1.234567] Run /init as init process',
  '[    9.9] Linux version again',
  'tiny login: ',
  '',
].join('\r\n');

function scan(pieces: readonly Uint8Array[]): Milestone[] {
  const found: Milestone[] = [];
  const scanner = new MilestoneScanner((milestone) => found.push(milestone));
  for (const piece of pieces) scanner.push(piece);
  return found;
}

test('finds kernel and userspace once, however the text is cut', () => {
  const bytes = Buffer.from(log);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
      expect(scan(pieces).map(({ kind }) => kind)).toEqual(['kernel', 'userspace']);
    }),
  );
});

test('tells a panic with its reason', () => {
  const text = '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n';
  expect(scan([Buffer.from(text)])).toEqual([
    { kind: 'panic', line: 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)' },
  ]);
});

test("after a reset a kernel is looked for anew, and what the last one still says is not taken for the next one's", () => {
  const found: Milestone[] = [];
  const scanner = new MilestoneScanner((milestone) => {
    found.push(milestone);
    if (milestone.kind === 'panic') scanner.begin();
  });
  const panic = "Kernel panic - not syncing: IO-APIC + timer doesn't work!  Boot with apic=debug and send a report.";
  const lines = [
    'Linux version 6.1',
    panic,
    `---[ end ${panic} ]---`,
    'SeaBIOS',
    'Linux version 6.1',
    panic,
    `---[ end ${panic} ]---`,
    'Linux version 6.1',
    'Run /init as init process',
  ];
  scanner.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  expect(found.map(({ kind }) => kind)).toEqual(['kernel', 'panic', 'kernel', 'panic', 'kernel', 'userspace']);
  expect(found.filter(({ kind }) => kind === 'panic').every(({ line }) => isTimerPanic(line))).toBe(true);
});

test('a line without end does not grow without bound', () => {
  const pieces = Array.from({ length: 1000 }, () => Buffer.alloc(10_000, 'x'));
  expect(scan([...pieces, Buffer.from('\nLinux version 6\n')]).map(({ kind }) => kind)).toEqual(['kernel']);
});
