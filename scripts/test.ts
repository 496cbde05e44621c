// SPDX-License-Identifier: MIT
// `./run test`: the fast gates, then the system tests in a private network, then one sum.
import fs from 'node:fs';
import type { GateReport } from './check.ts';
import { asRoot, isRoot, obtainRoot } from './lib/as-root.ts';
import { fetchCloudInitPackage } from './lib/cloud-init-package.ts';
import { heading, seconds } from './lib/heading.ts';
import { reportOf, reports, secondReportOf } from './lib/paths.ts';
import { inPrivateNetwork } from './lib/private-network.ts';
import { runProgram } from './lib/run-program.ts';
import { readPlaywrightReport, readVitestReport, sum } from './lib/test-counts.ts';
import type { TestCounts, TestFailure } from './lib/test-counts.ts';

const startMs = performance.now();
await obtainRoot('for tests with real networks and machines');
await runAsRoot(['rm', '-rf', '--', reports]);
fs.mkdirSync(reports, { recursive: true });

heading('Stage check');
await runProgram(process.execPath, ['scripts/check.ts']);
heading('Kernel of the confinement lab, from Debian packages'); // before the private network, which has no mirrors
await runAsRoot([process.execPath, 'test/lab/fetch-kernel.ts']);
heading("Debian's cloud-init, whose code tests run");
process.stderr.write((await fetchCloudInitPackage()) ?? '');
await runAsRoot(inPrivateNetwork([process.execPath, 'scripts/system-tests.ts']));
if (!isRoot) await runAsRoot(['chown', '-R', String(process.getuid?.()), reports]);

const programs = (level: string): TestCounts =>
  readVitestReport(reportOf('programs'), level, secondReportOf('programs'));
const stages: Readonly<Record<string, TestCounts>> = {
  gates: readGates(reportOf('gates')),
  unit: readVitestReport(reportOf('unit')),
  integration: programs('integration'),
  attacks: programs('attacks'),
  crash: programs('crash'),
  cli: programs('cli'),
  confinement: readVitestReport(reportOf('confinement')),
  electron: readPlaywrightReport(reportOf('electron'), secondReportOf('electron')),
};
// once more at the end: a log that is cut keeps its end
tell(
  'Passed only at the second look',
  Object.values(stages).flatMap((counts) => counts.unstable),
);
tell(
  'What failed',
  Object.values(stages).flatMap((counts) => counts.failures),
);
heading(`Summary after ${seconds(startMs)}`);
for (const [stage, counts] of Object.entries(stages)) {
  process.stdout.write(
    `${stage.padEnd(12)} ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped${counts.note}\n`,
  );
}
const total = sum(Object.values(stages));
const unstable = Object.values(stages).flatMap((counts) => counts.unstable).length;
if (unstable > 0) process.stdout.write(`${unstable} passed only at the second look\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

function tell(title: string, failures: readonly TestFailure[]): void {
  if (failures.length > 0) heading(title);
  for (const { test, message } of failures) process.stdout.write(`${test}\n${message.replace(/^/gm, '    ')}\n`);
}

/** A gate that fails counts as a failure; gates that pass are no tests. */
function readGates(file: string): TestCounts {
  if (!fs.existsSync(file))
    return { passed: 0, failed: 1, skipped: 0, note: ' (did not run)', failures: [], unstable: [] };
  const gates = (JSON.parse(fs.readFileSync(file, 'utf8')) as readonly GateReport[]).filter(
    (gate) => gate.gate !== 'unit tests',
  );
  const failed = gates.filter((gate) => !gate.passed);
  return {
    passed: 0,
    failed: failed.length,
    skipped: 0,
    note: ` (${failed.map((gate) => gate.gate).join(', ') || `${gates.length} gates hold`})`,
    failures: [],
    unstable: [],
  };
}

async function runAsRoot(command: readonly string[]): Promise<void> {
  const [program = '', ...args] = asRoot(command);
  await runProgram(program, args);
}
