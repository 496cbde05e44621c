// SPDX-License-Identifier: MIT
// Rule 18 of CONTRIBUTING.md over a range of commits: node scripts/check-commits.ts origin/main..HEAD
import { execFileSync } from 'node:child_process';

const subjectLimit = 60;
const range = process.argv[2];
if (range === undefined) {
  process.stderr.write('usage: node scripts/check-commits.ts RANGE\n');
  process.exit(2);
}
const lines = execFileSync('git', ['log', '--no-merges', '--format=%h %s', range], { encoding: 'utf8' }).split('\n');
const problems = lines
  .filter((line) => line !== '')
  .flatMap((line) => {
    const subject = line.slice(line.indexOf(' ') + 1);
    if (subject.length > subjectLimit) return [`${line}: ${subject.length} characters, ${subjectLimit} are allowed`];
    return /^[a-z][a-z-]*: [A-Z].*[^.]$/.test(subject) ? [] : [`${line}: not "area: Imperative subject"`];
  });
process.stderr.write(problems.map((problem) => `${problem}\n`).join(''));
process.exitCode = problems.length > 0 ? 1 : 0;
