// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, it } from 'vitest';
import { methods } from '#contract/methods.ts';
import type { Fault } from '../support/injector/injector.ts';
import { cases, type CrashCase } from './cases.ts';
import { makeState } from './kept-state.ts';
import { Stage } from './stage.ts';
import { everyNth, isLong, stride } from './stride.ts';
import { course, strike, strikeTwice, type Course, type PointResult } from './sweep.ts';

const faults: readonly Fault[] = ['kill', 'ENOSPC once', 'ENOSPC on', 'EIO once', 'EIO on'];
const limitMs = isLong ? 6 * 60 * 60_000 : 240_000;
const sum = { points: 0, faults: 0 };
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
}, limitMs);
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  process.stdout.write(`\npoints ${sum.points}, faults ${sum.faults}\n`);
});

it('has a case for each method that changes something', () => {
  const changing = Object.entries(methods)
    .filter(([, { kind }]) => kind !== 'query')
    .map(([method]) => method);
  expect(Object.keys(cases).sort()).toEqual(changing.sort());
});

const all = Object.entries(cases).flatMap(([method, list]) =>
  list.map((each) => ({ title: `${method} ${each.label ?? ''}`.trim(), each })),
);

it.each(all.map((each, index) => ({ ...each, seed: index * faults.length })))(
  '$title: whole or not at all, whatever stops it',
  async ({ title, each, seed }) => {
    const found = await course(stage, each);
    const wrong: string[] = [];
    for (const [number, fault] of faults.entries())
      for (const point of chosen(found.calls, seed + number))
        wrong.push(...told(fault, await strike(stage, each, found, { fault, point })));
    if (isLong)
      for (const first of thirds(found.calls))
        wrong.push(...(await nested(each, found, { first, seed: seed + first })));
    process.stdout.write(
      [`${title}: ${found.calls} calls, after it points ${sum.points}, faults ${sum.faults}`, ...wrong, ''].join('\n'),
    );
    expect(wrong).toEqual([]);
  },
  limitMs,
);

/** Without BERTH_CRASH one point for each third of the cases' faults. */
function chosen(calls: number, seed: number): readonly number[] {
  if (isLong) return everyNth(calls, seed);
  return calls === 0 || seed % 3 > 0 ? [] : [1 + ((seed * 7 + 3) % calls)];
}

function thirds(calls: number): readonly number[] {
  return [...new Set([Math.ceil(calls / 3), Math.ceil((2 * calls) / 3), calls])].filter((point) => point > 0);
}

/** The helper that finds what the first left dies too, at each of its own calls. */
async function nested(
  each: CrashCase,
  found: Course,
  { first, seed }: { readonly first: number; readonly seed: number },
): Promise<string[]> {
  const wrong: string[] = [];
  for (let second = 1 + (seed % stride); ; second += stride) {
    const { isOver, ...result } = await strikeTwice(stage, each, found, { first, second });
    wrong.push(...told(`kill, then at start ${second}`, result));
    if (isOver) return wrong;
  }
}

function told(fault: string, { point, struck, faults: found }: PointResult): string[] {
  sum.points += 1;
  if (found.length > 0) sum.faults += 1;
  return found.map((each) => `${fault} at ${point}, ${struck}: ${each}`.replaceAll(stage.directory, ''));
}
