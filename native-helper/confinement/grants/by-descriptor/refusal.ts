// SPDX-License-Identifier: MIT
import { getSystemErrorMap } from 'node:util';

/** Says on stderr why the path was not opened, as a shell does, and sets how the program ends. */
export function refuse(path: string, error: unknown, exitCode: number): void {
  process.stderr.write(`by-descriptor: cannot open ${path}: ${wordsOf(error)}\n`);
  process.exitCode = exitCode;
}

function wordsOf(error: unknown): string {
  const { errno, message = String(error) } = error as { readonly errno?: number; readonly message?: string };
  const words = errno === undefined ? message : (getSystemErrorMap().get(errno < 0 ? errno : -errno)?.[1] ?? message);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
