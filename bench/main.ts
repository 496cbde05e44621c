// SPDX-License-Identifier: MIT
// `npm run bench [-- NAME…]`: measures the built product inside a private network namespace. Needs root.
import { readlinkSync } from 'node:fs';
import { inPrivateNetwork } from '../scripts/lib/private-network.ts';
import { runProgram } from '../scripts/lib/run-program.ts';
import { report } from './lib/report.ts';
import { figure, type Benchmark, type Figure } from './lib/result.ts';
import { consoleThroughput } from './console.ts';
import { download } from './download.ts';
import { launch } from './launch.ts';
import { list } from './list.ts';
import { memory } from './memory.ts';
import { shares } from './shares.ts';
import { soak } from './soak.ts';
import { start } from './start.ts';
import { table } from './table.ts';
import { window } from './window.ts';

const benchmarks: readonly Benchmark[] = [
  list,
  consoleThroughput,
  download,
  launch,
  memory,
  shares,
  start,
  window,
  table,
];
/** By name only: it takes ten minutes at rest. */
const onAsking: readonly Benchmark[] = [soak];
/** No benchmark may take longer. */
const limitMs = 40 * 60_000;

const asked = process.argv.slice(2);
const ownNetwork = readlinkSync('/proc/self/ns/net');
/** The network that the first of the two processes was in; ours is private once it is another. */
const outerNetwork = process.env['BERTH_BENCH_OUTER_NETWORK'];
if (outerNetwork === undefined) {
  const [program = '', ...args] = inPrivateNetwork([process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  process.exit(
    (await runProgram(program, args, { env: { ...process.env, BERTH_BENCH_OUTER_NETWORK: ownNetwork } })).exitCode,
  );
}
if (outerNetwork === ownNetwork) throw new Error('the bench is not in a network of its own');
const all = [...benchmarks, ...onAsking];
const unknown = asked.filter((name) => !all.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark ${unknown.join(', ')}; there are ${all.map((benchmark) => benchmark.name).join(', ')}.\n`,
  );
  process.exit(2);
}
const results: Record<string, readonly Figure[]> = {};
for (const benchmark of asked.length > 0 ? all.filter(({ name }) => asked.includes(name)) : benchmarks) {
  process.stderr.write(`${benchmark.name}…\n`);
  try {
    results[benchmark.name] = await benchmark.run(AbortSignal.timeout(limitMs));
    for (const { what, unit, median } of results[benchmark.name] ?? [])
      process.stderr.write(`  ${what}: ${median?.toFixed(1) ?? '-'} ${unit}\n`);
  } catch (error) {
    // The others are still worth having; the table and the exit code tell that this one failed.
    process.stderr.write(
      `${benchmark.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    results[benchmark.name] = [
      figure('failed', '', [], { note: error instanceof Error ? error.message : String(error) }),
    ];
    process.exitCode = 1;
  }
}
await report(results);
