// SPDX-License-Identifier: MIT
/**
 * Exit codes that belong to the command line itself; those of errors are in `contract/errors.ts`
 * ({@link exitCodeOf}). docs/cli.md lists all of them.
 */
export const exitCodes = {
  success: 0,
  failed: 1,
  /** Wrong words on the command line, as in most programs. */
  usage: 2,
  /**
   * `exec` and `shell`: Berth itself failed, so that every smaller code is the command's own (ssh(1) does the same).
   */
  sessionFailed: 255,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGPIPE: whoever read our output has gone. */
  brokenPipe: 141,
} as const;
