// SPDX-License-Identifier: MIT
// Runs a program in a network namespace of its own, as root: node scripts/private-network.ts PROGRAM ARGUMENT...
import { asRoot, obtainRoot } from './lib/as-root.ts';
import { fetchCloudInitPackage } from './lib/cloud-init-package.ts';
import { inPrivateNetwork } from './lib/private-network.ts';
import { runProgram } from './lib/run-program.ts';

process.stderr.write((await fetchCloudInitPackage()) ?? ''); // tests want it, and in there is no mirror
await obtainRoot('to make a private network');
const [program = '', ...args] = asRoot(inPrivateNetwork(process.argv.slice(2)));
const result = await runProgram(program, args, { stdio: 'inherit' });
process.exitCode = result.exitCode;
