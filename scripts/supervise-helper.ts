// SPDX-License-Identifier: MIT
// Runs a helper for as long as standard input stays open: whoever started this can end the helper by
// closing a pipe, without root rights, and a killed starter ends it too.
//   node scripts/supervise-helper.ts PROGRAM ARGUMENT...
import { spawn } from 'node:child_process';

const stopGraceMs = 20_000;
const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.on('error', (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(128);
});
child.on('exit', (exitCode) => { process.exit(exitCode ?? 128); });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
process.stdin.on('end', stop).on('error', stop).resume();

function stop(): void {
  child.kill('SIGTERM');
  setTimeout(() => { child.kill('SIGKILL'); }, stopGraceMs).unref();
}
