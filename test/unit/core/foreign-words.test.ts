// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HelperError, toErrorData } from '../../../native-helper/core/errors.ts';
import { foreignWords } from '../../../native-helper/core/foreign-words.ts';
import { parseAuditRecord } from '../../../native-helper/instances/denials/audit-record.ts';
import { deniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { readAnswer } from '../../../native-helper/guest/answers.ts';
import { MilestoneScanner } from '../../../native-helper/instances/boot/milestones.ts';
import { PhaseTimeline } from '../../../native-helper/instances/boot/phase-timeline.ts';

const flood = '\u0001'.repeat(250_000);
const unseen = /\p{C}/u;
const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

it('makes one short, readable line of anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
      const words = foreignWords(text);
      expect(words.length).toBeLessThanOrEqual(300);
      expect(words).not.toMatch(unseen);
    }),
    { numRuns: 20 },
  );
  expect(foreignWords(' one\r\n two\u001b[31m ')).toBe('one two [31m');
  expect(foreignWords('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
});

it('bounds what a guest prints on its console where it becomes a milestone, evidence or an error', () => {
  const found: string[] = [];
  const scanner = new MilestoneScanner(({ line }) => found.push(line));
  scanner.push(Buffer.from(`Linux version ${flood}x\nWelcome to ${flood}x\nKernel panic - not syncing: ${flood}x\n`));
  expect(found).toHaveLength(3);
  const timeline = new PhaseTimeline();
  timeline.fail('kernel', new Date(), `Kernel panic ${flood}x`);
  const error = new HelperError(
    'guest.kernel-panic',
    { reason: `${flood}x` },
    { cause: new Error(`x${flood}x`), consoleTail: Array.from({ length: 100 }, () => `  x${flood}`) },
  );
  expect(jsonBytes([found, timeline.records, toErrorData(error)])).toBeLessThan(16 * 1024);
  expect(toErrorData(error).consoleTail).toHaveLength(20);
});

it('bounds what its SSH process hands on', () => {
  expect(readAnswer({ id: 1, did: 'begin', greeting: 'SSH-2.0-\u001b]0;x\u0007' })).toMatchObject({
    greeting: 'SSH-2.0- ]0;x',
  });
  expect(readAnswer({ id: 1, did: 'end', end: { signal: 'TERM\u0001\n' } })).toMatchObject({ end: { signal: 'TERM' } });
  expect(readAnswer({ id: 1, did: 'fail', reason: 'no\u202e' })).toMatchObject({ reason: 'no' });
});

it('keeps a path of an error as it is, and no longer than a path can be', () => {
  const { params } = toErrorData(new HelperError('storage.failed', { action: 'open', path: '/tmp/a\nb', reason: 'x' }));
  expect(params['path']).toBe('/tmp/a\nb');
  expect(
    String(toErrorData(new HelperError('image.in-use', { image: 'x', users: 'u'.repeat(100_000) })).params['users']),
  ).toHaveLength(1001);
});

it('cuts the name of a refused file that a machine chose to be long, and takes it for no exact one', () => {
  const name = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();
  const line = (text: string): string =>
    `audit: type=1400 audit(1795684238.572:21): apparmor="DENIED" operation="open" profile="multipass.vm-one.qemu-system-x86_64" name=${name(text)} denied_mask="r"`;
  const denied = (text: string) => deniedAccess(parseAuditRecord(line(text))!);
  expect(denied(`/tmp/${'d'.repeat(800)}`)).toMatchObject({ isExact: true, subject: `/tmp/${'d'.repeat(800)}` });
  const long = denied(`/tmp/${'\u0001'.repeat(4000)}`);
  expect(long?.isExact).toBe(false);
  expect(jsonBytes(long?.subject)).toBeLessThan(1024);
});
