// SPDX-License-Identifier: MIT
// The tests that run real programs, one stage after the other, inside the private network that the
// caller made. With stage names as arguments only those.
// Four levels are one stage of the whole: their files share the lanes, and none stands still while a level ends.
import { setup as requirePrivateNetwork } from './require-private-network.ts';
import { heading, seconds } from './lib/heading.ts';
import { reportOf, secondReportOf } from './lib/paths.ts';
import { runProgram, type ProgramResult } from './lib/run-program.ts';
import { lookAgain } from './lib/second-look.ts';
import { failedPlaywrightFiles, failedVitestFiles } from './lib/test-counts.ts';
import { testDirectory } from './lib/test-directory.ts';
import { startVirtualDisplay } from './lib/virtual-display.ts';

type Run = typeof runProgram;
/** Runs its programs with `run`; its exit code. */
type Stage = (run: Run) => Promise<number>;

const stages: Readonly<Record<string, Stage>> = {
  programs: (run) => vitest(run, 'programs', ['integration', 'attacks', 'crash', 'cli']),
  confinement: (run) => vitest(run, 'confinement'),
  electron: playwright,
};
/** The whole: the lab and the window run at once, because each has one guest and waits for it. */
const whole = [['programs'], ['electron', 'confinement']];
/** By name: single levels, and those that take long or need what a set-up does not install. */
const onAsking: Readonly<Record<string, Stage>> = Object.fromEntries(
  ['integration', 'attacks', 'crash', 'cli', 'shares', 'debian'].map((level) => [
    level,
    (run: Run) => vitest(run, level),
  ]),
);

requirePrivateNetwork();
const { directory, note } = testDirectory();
process.env.TMPDIR = directory; // for every stage below
if (note !== undefined) process.stdout.write(`${note}\n`);
// what is tested is what is installed
if ((await runProgram('node', ['scripts/build-node.ts'])).exitCode !== 0) process.exit(1);
const asked = process.argv.slice(2).map((name) => [name]);
for (const atOnce of asked.length > 0 ? asked : whole) {
  const exitCodes = await Promise.all(atOnce.map((name, index) => stage(name, index > 0)));
  process.exitCode = Number(process.exitCode ?? 0) || (exitCodes.find((exitCode) => exitCode !== 0) ?? 0);
}

/** `isBeside`: another one writes meanwhile, so the output of this one comes at its end. */
async function stage(name: string, isBeside: boolean): Promise<number> {
  const startMs = performance.now();
  let kept = '';
  const run: Run = async (program, args, options) => {
    const result: ProgramResult = await runProgram(program, args, { ...options, capture: isBeside });
    kept += result.output;
    return result;
  };
  if (!isBeside) heading(`Stage ${name}`);
  const exitCode = await ((stages[name] ?? onAsking[name])?.(run) ?? 2);
  if (isBeside) process.stdout.write(`== Stage ${name}\n${kept}`);
  heading(`Stage ${name}: ${exitCode === 0 ? 'passed' : 'FAILED'} (${seconds(startMs)})`);
  return exitCode;
}

async function vitest(run: Run, report: string, projects: readonly string[] = [report]): Promise<number> {
  const tests = async (file: string, more: readonly string[] = []): Promise<number> =>
    (
      await run('vitest', [
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        '--reporter=verbose',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...more,
      ])
    ).exitCode;
  const exitCode = await tests(reportOf(report));
  if (exitCode === 0) return 0;
  const second = await lookAgain(failedVitestFiles(reportOf(report)), (files) =>
    tests(secondReportOf(report), ['--maxWorkers=1', ...files]),
  );
  return second ?? exitCode;
}

async function playwright(run: Run): Promise<number> {
  const display = await startVirtualDisplay();
  const tests = async (file: string, specs: readonly string[] = []): Promise<number> => {
    const env = {
      ...process.env,
      DISPLAY: display.name,
      WAYLAND_DISPLAY: undefined,
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    };
    return (await run('playwright', ['test', ...specs], { env })).exitCode;
  };
  try {
    const exitCode = await tests(reportOf('electron'));
    if (exitCode === 0) return 0;
    return (
      (await lookAgain(failedPlaywrightFiles(reportOf('electron')), (specs) =>
        tests(secondReportOf('electron'), ['--output=test-results/electron-again', ...specs]),
      )) ?? exitCode
    );
  } finally {
    await display.stop();
  }
}
