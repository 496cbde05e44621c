// SPDX-License-Identifier: MIT
import { paintFor, type Paint } from './render/colour.ts';
import type { HelperConnection } from './connect.ts';
import { ProgressLine, ProgressLog, silentProgress, type Progress } from './render/progress.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly runDir: string;
  readonly verbose?: boolean | undefined;
}

/** What a command works with. */
export interface CommandContext {
  readonly isVerbose: boolean;
  readonly out: Paint;
  readonly err: Paint;
  /** The one connection to the helper, made at the first use. Throws HelperCallError with `helper.unreachable`. */
  connect(): Promise<HelperConnection>;
  progress(): Progress;
  close(): void;
}

export function commandContext(options: GlobalOptions): CommandContext {
  let connection: Promise<HelperConnection> | undefined;
  const err = paintFor(process.stderr, process.env);
  const isVerbose = options.verbose === true;
  return {
    isVerbose,
    out: paintFor(process.stdout, process.env),
    err,
    connect: () => (connection ??= import('./connect.ts').then(({ connect }) => connect(options.runDir))),
    progress: () => chooseProgress(isVerbose, err),
    close: () => {
      // A connection that failed was told by whoever awaited it.
      connection?.then(
        (open) => open.close(),
        () => undefined,
      );
    },
  };
}

function chooseProgress(isVerbose: boolean, paint: Paint): Progress {
  if (process.stderr.isTTY && process.env['TERM'] !== 'dumb') return new ProgressLine(process.stderr, paint);
  return isVerbose ? new ProgressLog(process.stderr) : silentProgress;
}
