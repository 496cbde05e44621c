// SPDX-License-Identifier: MIT
// The tests that run real programs, one stage after the other, inside the private network that the
// caller made. With stage names as arguments only those.
import { setup as requirePrivateNetwork } from './require-private-network.ts';
import { heading, seconds } from './lib/heading.ts';
import { runProgram } from './lib/run-program.ts';
import { testDirectory } from './lib/test-directory.ts';
import { startVirtualDisplay } from './lib/virtual-display.ts';

const stages: Readonly<Record<string, () => Promise<number>>> = {
  integration: () => vitest('integration'),
  confinement: () => vitest('confinement'),
  cli: () => vitest('cli'),
  electron: playwright,
};
/** Run by name only: they take long, or need programs that a set-up does not install. */
const onAsking: typeof stages = { shares: () => vitest('shares') };

requirePrivateNetwork();
const { directory, note } = testDirectory();
process.env.TMPDIR = directory; // for every stage below
if (note !== undefined) process.stdout.write(`${note}\n`);
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

async function vitest(project: string): Promise<number> {
  const result = await runProgram('vitest', [
    'run', '--project', project, '--no-file-parallelism', '--reporter=verbose', '--reporter=json', `--outputFile.json=test-results/${project}.json`,
  ]);
  return result.exitCode;
}

async function playwright(): Promise<number> {
  const display = await startVirtualDisplay();
  try {
    const env = { ...process.env, DISPLAY: display.name, WAYLAND_DISPLAY: undefined };
    const result = await runProgram('playwright', ['test'], { env });
    return result.exitCode;
  } finally {
    await display.stop();
  }
}
