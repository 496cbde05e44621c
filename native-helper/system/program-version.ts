// SPDX-License-Identifier: MIT
import type { ProcessRunner } from '../core/seams/processes.ts';
import { locateProgram, packageOf } from '../process/programs.ts';

const timeoutMs = 10_000;

/** A program's place and the first version number that it prints. */
export async function programVersion(
  runner: ProcessRunner,
  program: string,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly version: string }> {
  const path = await locateProgram(program);
  const { stdout } = await runner.run(
    { program, args: ['--version'], confinement: 'none-needed' },
    { signal, timeoutMs },
  );
  return { path, version: /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? 'of unknown version' };
}

/** Those of the programs that are not installed, with the package that has each. */
export async function missingOf(
  programs: readonly string[],
): Promise<readonly { readonly name: string; readonly package: string }[]> {
  const found = await Promise.all(
    programs.map(
      async (name) =>
        await locateProgram(name).then(
          () => undefined,
          () => ({ name, package: packageOf(name) }),
        ),
    ),
  );
  return found.filter((each) => each !== undefined);
}
