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
  /** What failed, and passed when its file was run once more alone (second-look.ts). */
  readonly unstable: readonly TestFailure[];
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
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

interface PlaywrightReport {
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
  readonly tests: readonly {
    readonly status: string;
    readonly results: readonly { readonly errors?: readonly PlaywrightError[] }[];
  }[];
}

/**
 * Counts of vitest's JSON reporter. A file that fails outside of its tests counts as one failure.
 * @param level of several that are in the report, the folder of `test/` to count
 * @param again the report of the second look, if there was one: its files take the place of the first
 */
export function readVitestReport(file: string, level?: string, again?: string): TestCounts {
  const report = readReport<VitestReport>(file);
  if (report === undefined) return nothingRan;
  const second = again === undefined ? undefined : readReport<VitestReport>(again);
  const secondByName = new Map(second?.testResults.map((result) => [result.name, result]));
  const firstFiles = report.testResults.filter(
    (result) => level === undefined || nameOf(result).startsWith(`test/${level}/`),
  );
  const files = firstFiles.map((result) => secondByName.get(result.name) ?? result);
  const statuses = files.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const failures = files.flatMap(failuresOf);
  // an unhandled error fails the run without failing any test
  const isUnaccounted = [report, second].some(
    (run) => run !== undefined && !run.success && run.testResults.every(({ status }) => status !== 'failed'),
  );
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  return checked({
    passed,
    failed: failures.length + (isUnaccounted ? 1 : 0),
    skipped: statuses.length - passed - failed,
    note: '',
    failures,
    unstable: firstFiles.filter(({ name }) => secondByName.get(name)?.status === 'passed').flatMap(failuresOf),
  });
}

/**
 * Counts of Playwright's JSON reporter.
 * @param again the report of the second look, if there was one: its files take the place of the first
 */
export function readPlaywrightReport(file: string, again?: string): TestCounts {
  const report = readReport<PlaywrightReport>(file);
  if (report === undefined) return nothingRan;
  const second = again === undefined ? undefined : readReport<PlaywrightReport>(again);
  const secondSpecs = second?.suites.flatMap(specsOf) ?? [];
  const firstSpecs = report.suites.flatMap(specsOf);
  const isLookedAtAgain = (spec: PlaywrightSpec): boolean => secondSpecs.some((other) => other.file === spec.file);
  const specs = [...firstSpecs.filter((spec) => !isLookedAtAgain(spec)), ...secondSpecs];
  const statuses = specs.flatMap(({ tests }) => tests.map(({ status }) => status));
  const errors = [...report.errors, ...(second?.errors ?? [])];
  const failures = [
    ...specs.filter(hasFailed).map(failureOfSpec),
    ...errors.map((error) => failure('outside of the tests', error.message)),
  ];
  const isFailedAgain = (name: string): boolean => secondSpecs.some((spec) => spec.file === name && hasFailed(spec));
  return checked({
    passed: statuses.filter((status) => status === 'expected').length,
    failed: failures.length,
    skipped: statuses.filter((status) => status === 'skipped').length,
    note: '',
    failures,
    unstable: firstSpecs
      .filter((spec) => hasFailed(spec) && isLookedAtAgain(spec) && !isFailedAgain(spec.file))
      .map(failureOfSpec),
  });
}

/**
 * Files that failed, from the root of the checkout. Undefined where the report tells of a failure
 * outside of any file.
 */
export function failedVitestFiles(file: string): readonly string[] | undefined {
  const failed = readReport<VitestReport>(file)
    ?.testResults.filter(({ status }) => status === 'failed')
    .map(nameOf);
  return failed?.length === 0 ? undefined : failed;
}

/** The same of Playwright's report; files from its folder of tests. */
export function failedPlaywrightFiles(file: string): readonly string[] | undefined {
  const report = readReport<PlaywrightReport>(file);
  if (report === undefined || report.errors.length > 0) return undefined;
  const failed = new Set(
    report.suites
      .flatMap(specsOf)
      .filter(hasFailed)
      .map((spec) => spec.file),
  );
  return failed.size === 0 ? undefined : [...failed];
}

export function sum(counts: readonly TestCounts[]): Pick<TestCounts, 'passed' | 'failed'> {
  return {
    passed: counts.reduce((total, entry) => total + entry.passed, 0),
    failed: counts.reduce((total, entry) => total + entry.failed, 0),
  };
}

function failuresOf(file: VitestFile): readonly TestFailure[] {
  if (file.status !== 'failed') return [];
  const failed = file.assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0) return [failure(nameOf(file), file.message)];
  return failed.map((test) => failure(`${nameOf(file)} > ${test.fullName}`, test.failureMessages?.join('\n')));
}

function nameOf(file: VitestFile): string {
  return path.relative(root, file.name);
}

function specsOf(suite: PlaywrightSuite): readonly PlaywrightSpec[] {
  return [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
}

function hasFailed(spec: PlaywrightSpec): boolean {
  return spec.tests.some((test) => test.status === 'unexpected' || test.status === 'flaky');
}

function failureOfSpec(spec: PlaywrightSpec): TestFailure {
  const errors = spec.tests.flatMap(({ results }) => results).flatMap((result) => result.errors ?? []);
  return failure(`${spec.file} > ${spec.title}`, errors[0]?.message);
}

/** Enough of a message to know the cause by; the stage's own output has all of it. */
const MESSAGE_LINES = 20;

function failure(test: string, message = ''): TestFailure {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => !line.includes('/node_modules/') && line.trim() !== 'at new Promise (<anonymous>)');
  return { test, message: lines.slice(0, MESSAGE_LINES).join('\n') };
}

const nothingRan: TestCounts = {
  passed: 0,
  failed: 1,
  skipped: 0,
  note: ' (no report: the stage did not run to its end)',
  failures: [],
  unstable: [],
};

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
