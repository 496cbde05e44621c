// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './paths.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly note: string;
  /** What failed by name, as far as the report tells. */
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  /** File and title. */
  readonly test: string;
  /** The beginning of what its runner said, without colours. */
  readonly message: string;
}

interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly VitestFile[];
}

interface VitestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string; readonly failureMessages?: readonly string[] }[];
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number; readonly skipped: number };
  readonly errors: readonly PlaywrightError[];
  readonly suites: readonly PlaywrightSuite[];
}

interface PlaywrightError {
  readonly message?: string;
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs: readonly PlaywrightSpec[];
}

interface PlaywrightSpec {
  readonly file: string;
  readonly title: string;
  readonly tests: readonly { readonly status: string; readonly results: readonly { readonly errors?: readonly PlaywrightError[] }[] }[];
}

/**
 * Counts of vitest's JSON reporter. A file that fails outside of its tests counts as one failure.
 * @param level of several that are in the report, the folder of `test/` to count
 */
export function readVitestReport(file: string, level?: string): TestCounts {
  const report = readReport<VitestReport>(file);
  if (report === undefined) return nothingRan;
  const files = report.testResults.filter((result) => level === undefined || nameOf(result).startsWith(`test/${level}/`));
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const brokenFiles = files.filter((result) => result.status === 'failed' && result.assertionResults.every((test) => test.status !== 'failed'));
  // an unhandled error fails the run without failing any test
  const isUnaccounted = !report.success && report.testResults.every(({ status }) => status !== 'failed');
  const failed = statuses.filter((status) => status === 'failed').length + brokenFiles.length + (isUnaccounted ? 1 : 0);
  const passed = statuses.filter((status) => status === 'passed').length;
  return checked({
    passed, failed, skipped: statuses.length - passed - statuses.filter((status) => status === 'failed').length, note: '',
    failures: [
      ...files.flatMap(failedTests),
      ...brokenFiles.map((result) => failure(nameOf(result), result.message)),
    ],
  });
}

/** Counts of Playwright's JSON reporter. A test that passed only when repeated counts as failed. */
export function readPlaywrightReport(file: string): TestCounts {
  const report = readReport<PlaywrightReport>(file);
  if (report === undefined) return nothingRan;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return checked({
    passed: expected,
    failed: unexpected + flaky + report.errors.length,
    skipped,
    note: '',
    failures: [
      ...report.suites.flatMap(failedSpecs),
      ...report.errors.map((error) => failure('outside of the tests', error.message)),
    ],
  });
}

export function sum(counts: readonly TestCounts[]): Pick<TestCounts, 'passed' | 'failed'> {
  return {
    passed: counts.reduce((total, entry) => total + entry.passed, 0),
    failed: counts.reduce((total, entry) => total + entry.failed, 0),
  };
}

function failedTests(file: VitestFile): readonly TestFailure[] {
  return file.assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => failure(`${nameOf(file)} > ${test.fullName}`, test.failureMessages?.join('\n')));
}

function nameOf(file: VitestFile): string {
  return path.relative(root, file.name);
}

function failedSpecs(suite: PlaywrightSuite): readonly TestFailure[] {
  const here = suite.specs
    .filter((spec) => spec.tests.some((test) => test.status === 'unexpected' || test.status === 'flaky'))
    .map((spec) => failure(`${spec.file} > ${spec.title}`, spec.tests.flatMap(({ results }) => results).flatMap(({ errors = [] }) => errors)[0]?.message));
  return [...here, ...(suite.suites ?? []).flatMap(failedSpecs)];
}

/** Enough of a message to know the cause by; the stage's own output has all of it. */
const MESSAGE_LINES = 20;

function failure(test: string, message = ''): TestFailure {
  const lines = stripVTControlCharacters(message).split('\n').filter((line) => !line.includes('/node_modules/') && line.trim() !== 'at new Promise (<anonymous>)');
  return { test, message: lines.slice(0, MESSAGE_LINES).join('\n') };
}

const nothingRan: TestCounts = { passed: 0, failed: 1, skipped: 0, note: ' (no report: the stage did not run to its end)', failures: [] };

function checked(counts: TestCounts): TestCounts {
  return counts.passed + counts.failed > 0 ? counts : { ...counts, failed: 1, note: ' (the stage ran no test)' };
}

function readReport<Report>(file: string): Report | undefined {
  if (!fs.existsSync(file)) return undefined;
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
  } catch {
    // cut off when the runner died: the same as none
    return undefined;
  }
}
