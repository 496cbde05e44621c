// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../../scripts/lib/paths.ts';
import { describeMachine } from './machine.ts';
import type { Figure } from './result.ts';

/** Writes all figures as JSON below out/bench (ignored by git) and prints them as a Markdown table. */
export async function report(results: Readonly<Record<string, readonly Figure[]>>): Promise<void> {
  const directory = path.join(root, 'out/bench');
  const file = path.join(directory, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  await mkdir(directory, { recursive: true });
  await writeFile(file, `${JSON.stringify({ machine: describeMachine(), results }, undefined, 2)}\n`);
  process.stdout.write(
    '\n| benchmark | figure | median | p95 | ratio | n | target | note |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n',
  );
  for (const [name, figures] of Object.entries(results)) {
    for (const each of figures)
      process.stdout.write(
        `| ${[name, each.what, value(each.median, each.unit), value(each.p95, each.unit), each.ratio?.toFixed(2) ?? '', each.samples.length, each.target ?? '', each.note ?? ''].join(' | ')} |\n`,
      );
  }
  process.stdout.write(`\n${path.relative(root, file)}\n`);
}

function value(number: number | undefined, unit: string): string {
  return number === undefined ? '' : `${number < 100 ? number.toFixed(1) : Math.round(number)} ${unit}`;
}
