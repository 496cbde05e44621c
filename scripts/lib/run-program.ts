// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { root } from './paths.ts';

export interface ProgramResult {
  /** 128 for an end by a signal or a program that could not start. */
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Runs a program to its end. Its output goes to ours, or into the result with `capture`
 * (stdout and stderr in the order they came). Never rejects.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions & { readonly capture?: boolean } = {},
): Promise<ProgramResult> {
  const { capture = false, ...spawnOptions } = options;
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
    ...spawnOptions,
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', (error) => {
    resolve({ exitCode: 128, output: `${program}: ${error.message}\n` });
  });
  child.on('close', (exitCode) => {
    resolve({ exitCode: exitCode ?? 128, output: Buffer.concat(chunks).toString() });
  });
  return promise;
}
