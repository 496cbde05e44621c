// SPDX-License-Identifier: MIT

/** Where the helper's sockets are: `BERTH_RUN_DIR`, or the place of an installed one. */
export function defaultRunDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment['BERTH_RUN_DIR'] || '/run/berth';
}
