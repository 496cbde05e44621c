// SPDX-License-Identifier: MIT

export function heading(text: string): void {
  process.stdout.write(`== ${text}\n`);
}

export function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Ends the process with what was missing or refused and what to do about it. */
export function fail(problem: string, ...advice: readonly string[]): never {
  process.stderr.write(`\nstopped: ${problem}\n${advice.map((line) => `  ${line}\n`).join('')}`);
  process.exit(1);
}
