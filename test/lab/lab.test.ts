// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { bootLab } from './boot-lab.ts';

const set = process.env.BERTH_LAB_SET ?? 'core';
/** A set that lost its checks must not pass; one area alone is for work on it. */
const minimumChecks = ({ core: 140, full: 270 } as Readonly<Record<string, number>>)[set] ?? 1;
/**
 * On two idle cores the core set takes two to three minutes and the full one about ten; other work on the computer may
 * take most of them.
 */
const limitMs = (set === 'core' ? 15 : 40) * 60_000;

// The lab runs before there are tests, because each of its checks becomes one; when it cannot run, this file fails and
// says why.
const report = await bootLab(set, limitMs);

it.each(report.checks.map((check) => [`${check.area}: ${check.name}`, check] as const))(
  '%s',
  (_, { isPassed, detail }) => {
    expect(isPassed, detail).toBe(true);
  },
);

it(`makes ${minimumChecks} checks or more`, () => {
  console.log(
    `lab: ${report.checks.length} checks, guest ${report.bootSeconds.toFixed(0)} s, ${report.totalSeconds.toFixed(0)} s in all`,
  );
  expect(report.checks.length).toBeGreaterThanOrEqual(minimumChecks);
});
