// SPDX-License-Identifier: MIT
import { cpus, release, totalmem } from 'node:os';

/** The machine of a measurement, without names. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
  };
}
