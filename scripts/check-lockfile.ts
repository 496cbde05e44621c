// SPDX-License-Identifier: MIT
// A lockfile with addresses installs from one mirror only; ours names versions and checksums alone.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './lib/paths.ts';

const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>;
};
const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
const problems = [
  ...packages
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([name]) => `${name} has an address ("resolved")`),
  ...packages
    .filter(([, entry]) => entry.integrity === undefined)
    .map(([name]) => `${name} has no checksum ("integrity")`),
];
if (problems.length > 0) {
  process.stderr.write(
    `package-lock.json: ${problems.length} problems; .npmrc keeps addresses out when npm writes it\n${problems.slice(0, 20).join('\n')}\n`,
  );
  process.exitCode = 1;
}
