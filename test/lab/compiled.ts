// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

const directory = path.resolve(import.meta.dirname, '../../.cache/lab/compiled');
const repository = path.resolve(import.meta.dirname, '../..');
/** Programs that run in the lab, each with arguments at which it loads all its modules and ends. */
const programs = [
  ['test/lab/guest/main.ts', 'nothing'],
  ['test/lab/guest/shares/keeper-main.ts'],
  ['test/integration/hypervisor/start-and-exit.ts', '{}'],
  ['native-helper/main.ts', '--help'],
  ['dist/helper/main.mjs', '--help'],
] as const;

/**
 * Node's compile cache (NODE_COMPILE_CACHE, node(1)) of the programs in the lab, made on the host: there a second,
 * under emulation many. Besides, Node strips types in WebAssembly, at which it crashes now and then under QEMU 7.2.
 * Returns the cache's inner directory, which Node names by its version and the processor: inside, the name is another.
 */
export async function compiledPrograms(): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const [program, ...args] of programs) {
    const child = spawn(process.execPath, [path.join(repository, program), ...args], {
      stdio: 'ignore',
      env: { ...process.env, NODE_COMPILE_CACHE: directory },
    });
    await once(child, 'exit');
  }
  const [inner, ...others] = (await readdir(directory)).filter((name) => name.startsWith(`${process.version}-`));
  if (inner === undefined || others.length > 0)
    throw new Error(`${directory} holds ${others.length === 0 ? 'nothing' : 'several caches'} for ${process.version}`);
  return path.join(directory, inner);
}
