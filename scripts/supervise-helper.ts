// SPDX-License-Identifier: MIT
// Runs a helper for as long as standard input stays open: whoever started this can end the helper by
// closing a pipe, without root rights, and a killed starter ends it too.
//   node scripts/supervise-helper.ts [--private-network-of RUN_DIRECTORY] -- PROGRAM ARGUMENT...
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { findDnsmasq } from '../native-helper/network/dnsmasq-process.ts';
import { NetworkFiles } from '../native-helper/network/network-files.ts';
import { Files } from '../native-helper/store/files.ts';
import { inPrivateNetwork } from './lib/private-network.ts';

const stopGraceMs = 20_000;
const { values: options, positionals } = parseArgs({
  options: { 'private-network-of': { type: 'string' } },
  allowPositionals: true,
});
const runDirectory = options['private-network-of'];
const [program = '', ...args] = runDirectory === undefined ? positionals : await inNetworkOf(runDirectory, positionals);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.on('error', (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(128);
});
child.on('exit', (exitCode) => {
  process.exit(exitCode ?? 128);
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
process.stdin.on('end', stop).on('error', stop).resume();

/** A network of its own, or that in which machines of an earlier helper are: in another nobody would reach them. */
async function inNetworkOf(directory: string, command: readonly string[]): Promise<readonly string[]> {
  // no file of the state is looked at
  const dnsmasq = await findDnsmasq(new NetworkFiles(new Files(directory, directory)));
  return dnsmasq === undefined
    ? inPrivateNetwork(command)
    : ['nsenter', `--net=/proc/${dnsmasq.pid}/ns/net`, '--', ...command];
}

function stop(): void {
  child.kill('SIGTERM');
  setTimeout(() => {
    child.kill('SIGKILL');
  }, stopGraceMs).unref();
}
