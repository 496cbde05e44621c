// SPDX-License-Identifier: MIT
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The options of a command of `./run`. What is none of them ends it with a sentence and exit code 2. */
export function parseOptions<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`run: ${error instanceof Error ? error.message : String(error)}\n  ./run help lists them.\n`);
    process.exit(2);
  }
}
