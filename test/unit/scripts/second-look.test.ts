// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../../../scripts/lib/paths.ts';
import { lookAgain } from '../../../scripts/lib/second-look.ts';
import { failedVitestFiles, readVitestReport } from '../../../scripts/lib/test-counts.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-reports-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** A report as vitest writes it: a file each, with whether its second test passed. */
async function report(name: string, files: Readonly<Record<string, boolean>>): Promise<string> {
  const testResults = Object.entries(files).map(([file, isPassed]) => ({
    name: path.join(root, file),
    status: isPassed ? 'passed' : 'failed',
    message: '',
    assertionResults: [
      { status: 'passed', fullName: 'first' },
      { status: isPassed ? 'passed' : 'failed', fullName: 'second', failureMessages: isPassed ? [] : ['too late'] },
    ],
  }));
  const file = path.join(directory, name);
  await writeFile(file, JSON.stringify({ success: Object.values(files).every(Boolean), testResults }));
  return file;
}

const nets = 'test/integration/nets.test.ts';
const verbs = 'test/cli/verbs.test.ts';

test('what passes at the second look counts as passed and is told as unstable', async () => {
  const first = await report('first', { [nets]: false, [verbs]: true });
  expect(failedVitestFiles(first)).toEqual([nets]);
  expect(readVitestReport(first)).toMatchObject({ passed: 3, failed: 1, unstable: [] });
  const second = await report('second', { [nets]: true });
  expect(readVitestReport(first, undefined, second)).toEqual({
    passed: 4,
    failed: 0,
    skipped: 0,
    note: '',
    failures: [],
    unstable: [{ test: `${nets} > second`, message: 'too late' }],
  });
  expect(readVitestReport(first, 'cli', second)).toMatchObject({ passed: 2, unstable: [] });
});

test('what fails twice has failed', async () => {
  const first = await report('first', { [nets]: false });
  const second = await report('second', { [nets]: false });
  expect(readVitestReport(first, undefined, second)).toMatchObject({ passed: 1, failed: 1, unstable: [] });
});

test.each([
  ['many', ['test/cli/a', 'test/cli/b', 'test/cli/c', 'test/cli/d']],
  ['an attack', ['test/cli/a', 'test/attacks/b']],
  ['a crash point', ['test/crash/sweep.test.ts']],
  ['a failure outside of the files', undefined],
])('there is no second look for %s', async (_what, files) => {
  expect(await lookAgain(files, () => Promise.resolve(0))).toBeUndefined();
});

test('a second look runs what failed, and its end counts', async () => {
  const looked: (readonly string[])[] = [];
  const run = (files: readonly string[]): Promise<number> => {
    looked.push(files);
    return Promise.resolve(3);
  };
  expect(await lookAgain([nets, verbs], run)).toBe(3);
  expect(looked).toEqual([[nets, verbs]]);
});
