// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MilestoneScanner, type Milestone } from '../../../native-helper/instances/milestones.ts';

const log = [
  'SeaBIOS (version 1.16.2)', 'Welcome to GRUB!', 'Booting from ROM..', '[    0.000000] Linux version 6.1.0-49-cloud-amd64 (debian-kernel@lists.debian.org)',
  '[    0.000000] Command line: console=ttyS0', '[    1.234567] Run /init as init process', '[    9.9] Linux version again', 'tiny login: ', '',
].join('\r\n');

function scan(pieces: readonly Uint8Array[]): Milestone[] {
  const found: Milestone[] = [];
  const scanner = new MilestoneScanner((milestone) => found.push(milestone));
  for (const piece of pieces) scanner.push(piece);
  return found;
}

test('finds kernel and userspace once, however the text is cut', () => {
  const bytes = Buffer.from(log);
  fc.assert(fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), (cuts) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
    expect(scan(pieces).map(({ kind }) => kind)).toEqual(['kernel', 'userspace']);
  }));
});

test('tells a panic with its reason', () => {
  const text = '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n';
  expect(scan([Buffer.from(text)])).toEqual([{ kind: 'panic', line: 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)' }]);
});

test('a line without end does not grow without bound', () => {
  const pieces = Array.from({ length: 1000 }, () => Buffer.alloc(10_000, 'x'));
  expect(scan([...pieces, Buffer.from('\nLinux version 6\n')]).map(({ kind }) => kind)).toEqual(['kernel']);
});
