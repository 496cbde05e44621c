// SPDX-License-Identifier: MIT
import type { ProcessRunner, ProcessSpec } from '../../core/seams/processes.ts';
import type { StepProgress } from '#contract/operations.ts';

/** What every step of a build works with. */
export interface BuildContext {
  readonly runner: ProcessRunner;
  /** The product's assets folder; the guests' own files are in its `guests`. */
  readonly assetsDirectory: string;
  readonly signal: AbortSignal;
  report(progress: StepProgress): void;
}

const stepTimeoutMs = 30 * 60_000;

/** Runs one program of a build; a build's steps read nothing of the terminal and end within half an hour. */
export async function runStep(
  context: BuildContext,
  program: string,
  args: readonly string[],
  more: Partial<ProcessSpec> & { readonly input?: string; readonly onStdout?: (chunk: Buffer) => void } = {},
): Promise<string> {
  const { input, onStdout, ...spec } = more;
  const output = await context.runner.run(
    { program, args, confinement: 'none-needed', ...spec },
    {
      signal: context.signal,
      timeoutMs: stepTimeoutMs,
      ...(input === undefined ? {} : { input }),
      ...(onStdout === undefined ? {} : { onStdout }),
    },
  );
  return output.stdout;
}
