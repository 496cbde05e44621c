// SPDX-License-Identifier: MIT
// The tests that run real programs, one stage after the other, inside the private network that the
// caller made. With stage names as arguments only those.
// Four levels are one stage of the whole: their files share the lanes, and none stands still while a level ends.
import { setup as requirePrivateNetwork } from './require-private-network.ts';
import { heading, seconds } from './lib/heading.ts';
import { reportOf, secondReportOf } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';
import { lookAgain } from './lib/second-look.ts';
import { failedPlaywrightFiles, failedVitestFiles } from './lib/test-counts.ts';
import { testDirectory } from './lib/test-directory.ts';
import { startVirtualDisplay } from './lib/virtual-display.ts';

type Stage = () => Promise<number>;

const stages: Readonly<Record<string, Stage>> = {
  programs: () => vitest('programs', ['integration', 'attacks', 'crash', 'cli']),
  confinement: () => vitest('confinement'),
  electron: playwright,
};
/** By name: single levels, and those that take long or need what a set-up does not install. */
const onAsking: Readonly<Record<string, Stage>> = Object.fromEntries(
  ['integration', 'attacks', 'crash', 'cli', 'shares', 'debian'].map((level) => [level, () => vitest(level)]),
);

requirePrivateNetwork();
const { directory, note } = testDirectory();
process.env.TMPDIR = directory; // for every stage below
if (note !== undefined) process.stdout.write(`${note}\n`);
// what is tested is what is installed
if ((await runProgram('node', ['scripts/build-node.ts'])).exitCode !== 0) process.exit(1);
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(stages);
let exitCode = 0;
for (const name of wanted) {
  const startMs = performance.now();
  heading(`Stage ${name}`);
  const stageExitCode = await ((stages[name] ?? onAsking[name])?.() ?? 2);
  heading(`Stage ${name}: ${stageExitCode === 0 ? 'passed' : 'FAILED'} (${seconds(startMs)})`);
  exitCode ||= stageExitCode;
}
process.exitCode = exitCode;

async function vitest(report: string, projects: readonly string[] = [report]): Promise<number> {
  const run = async (file: string, more: readonly string[] = []): Promise<number> =>
    (
      await runProgram('vitest', [
        'run',
        ...projects.flatMap((project) => ['--project', project]),
        '--reporter=verbose',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...more,
      ])
    ).exitCode;
  const exitCode = await run(reportOf(report));
  if (exitCode === 0) return 0;
  const second = await lookAgain(failedVitestFiles(reportOf(report)), (files) =>
    run(secondReportOf(report), ['--maxWorkers=1', ...files]),
  );
  return second ?? exitCode;
}

async function playwright(): Promise<number> {
  const display = await startVirtualDisplay();
  const run = async (file: string, specs: readonly string[] = []): Promise<number> => {
    const env = {
      ...process.env,
      DISPLAY: display.name,
      WAYLAND_DISPLAY: undefined,
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    };
    return (await runProgram('playwright', ['test', ...specs], { env })).exitCode;
  };
  try {
    const exitCode = await run(reportOf('electron'));
    if (exitCode === 0) return 0;
    return (
      (await lookAgain(failedPlaywrightFiles(reportOf('electron')), (specs) =>
        run(secondReportOf('electron'), ['--output=test-results/electron-again', ...specs]),
      )) ?? exitCode
    );
  } finally {
    await display.stop();
  }
}
