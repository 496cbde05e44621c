// SPDX-License-Identifier: MIT
import fs from 'node:fs';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly note: string;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number; readonly skipped: number };
  readonly errors: readonly unknown[];
}

/** Counts of vitest's JSON reporter. A file that fails outside of its tests counts as one failure. */
export function readVitestReport(file: string): TestCounts {
  const report = readReport<VitestReport>(file);
  if (report === undefined) return nothingRan;
  const brokenFiles = report.testResults.filter((result) => result.status === 'failed' && result.assertionResults.every((test) => test.status !== 'failed'));
  const failed = report.numFailedTests + brokenFiles.length;
  // an unhandled error fails the run without failing any test
  const unaccounted = !report.success && failed === 0 ? 1 : 0;
  return checked({ passed: report.numPassedTests, failed: failed + unaccounted, skipped: report.numPendingTests + report.numTodoTests, note: '' });
}

/** Counts of Playwright's JSON reporter. A test that passed only when repeated counts as failed. */
export function readPlaywrightReport(file: string): TestCounts {
  const report = readReport<PlaywrightReport>(file);
  if (report === undefined) return nothingRan;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return checked({ passed: expected, failed: unexpected + flaky + report.errors.length, skipped, note: '' });
}

export function sum(counts: readonly TestCounts[]): Pick<TestCounts, 'passed' | 'failed'> {
  return {
    passed: counts.reduce((total, entry) => total + entry.passed, 0),
    failed: counts.reduce((total, entry) => total + entry.failed, 0),
  };
}

const nothingRan: TestCounts = { passed: 0, failed: 1, skipped: 0, note: ' (no report: the stage did not run to its end)' };

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
