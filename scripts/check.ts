// SPDX-License-Identifier: MIT
// `npm run check`: every fast gate at once; the output of each is shown in one piece.
import fs from 'node:fs';
import path from 'node:path';
import { heading, seconds } from './lib/heading.ts';
import { reports } from './lib/paths.ts';
import { runProgram } from './lib/run-program.ts';

export interface GateReport {
  readonly gate: string;
  readonly passed: boolean;
}

const gates: Readonly<Record<string, readonly string[]>> = {
  'types: contract': typeCheck('contract'),
  'types: renderer': typeCheck('renderer'),
  'types: node': typeCheck('node'),
  'types: test': typeCheck('test'),
  lint: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  format: ['oxfmt', '--check', '.'],
  columns: ['node', 'scripts/check-columns.ts'],
  layers: ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', ...sourceFolders()],
  'unused code': ['knip', '--no-progress'],
  lockfile: ['node', 'scripts/check-lockfile.ts'],
  'unit tests': [
    'vitest',
    'run',
    '--project',
    'unit',
    '--reporter=dot',
    '--reporter=json',
    '--outputFile.json=test-results/unit.json',
  ],
};

const startMs = performance.now();
fs.rmSync(path.join(reports, 'unit.json'), { force: true });
const results = await Promise.all(Object.entries(gates).map(([gate, command]) => run(gate, command)));
fs.mkdirSync(reports, { recursive: true });
fs.writeFileSync(path.join(reports, 'gates.json'), JSON.stringify(results));
const failed = results.filter((result) => !result.passed);
heading(
  failed.length === 0
    ? `Check passed in ${seconds(startMs)}`
    : `Check failed in ${seconds(startMs)}: ${failed.map((result) => result.gate).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function typeCheck(project: string): readonly string[] {
  return [
    'tsc',
    '-p',
    `tsconfig.${project}.json`,
    '--incremental',
    '--tsBuildInfoFile',
    `.cache/tsc/${project}.tsbuildinfo`,
    '--pretty',
    'false',
  ];
}

function sourceFolders(): readonly string[] {
  const folders = [
    'messages',
    'contract',
    'client',
    'native-helper',
    'cli',
    'electron',
    'renderer',
    'scripts',
    'test',
    'bench',
  ];
  return folders.filter((folder) => fs.existsSync(folder));
}

async function run(gate: string, [program = '', ...args]: readonly string[]): Promise<GateReport> {
  const gateStartMs = performance.now();
  const { exitCode, output } = await runProgram(program, args, { capture: true });
  const passed = exitCode === 0;
  heading(`${gate}: ${passed ? 'passed' : 'FAILED'} (${seconds(gateStartMs)})`);
  if (!passed) process.stdout.write(`${output.trimEnd()}\n`);
  return { gate, passed };
}
