// SPDX-License-Identifier: MIT
/** Ends a command with a message and an exit code, where no {@link HelperErrorData} fits. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, exitCode: number, hint?: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

/** Ends a command whose failures have been told already. */
export class AlreadyReported extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('reported');
    this.exitCode = exitCode;
  }
}
