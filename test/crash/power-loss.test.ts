// SPDX-License-Identifier: MIT The computer is switched off: after each moment at which the disk was told to keep what
// it had, and for each method that changes something. What was not asked to be kept is gone. Then the audit, as after a
// crash. By npm run test:crash alone.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mia } from '../support/people.ts';
import { makeDisk, mountDisk, RecordedDisk, unmountDisk } from '../support/recorded-disk.ts';
import { cases, type CrashCase } from './cases.ts';
import { makeState } from './kept-state.ts';
import { Stage } from './stage.ts';
import { everyNth } from './stride.ts';
import { look, recovered } from './sweep.ts';

const run = promisify(execFile);
const limitMs = 3_600_000;
const sum = { points: 0, faults: 0 };
let stage: Stage;

const disk = (name: string): string => path.join(stage.directory, `${name}.raw`);
const live = (): string => path.join(stage.directory, 'live');

beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
  await makeDisk(disk('kept'), 384);
  await rm(live(), { recursive: true });
  await mkdir(live(), { mode: 0o755 });
  await mountDisk(disk('kept'), live());
  await run('sh', [
    '-ec',
    'chmod 755 "$1/live" && cp -a "$1/kept/home" "$1/kept/state" "$1/live/" && chmod 711 "$1/live/state"',
    'sh',
    stage.directory,
  ]);
  await unmountDisk(live());
}, limitMs);
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  process.stdout.write(`\npower cut at ${sum.points} points, faults ${sum.faults}\n`);
});

const all = Object.entries(cases).flatMap(([method, list]) =>
  list.filter(({ isLive }) => isLive !== true).map((each) => ({ title: `${method} ${each.label ?? ''}`.trim(), each })),
);

it.each(all.map((each, seed) => ({ ...each, seed })))(
  '$title: whole or not at all, whenever the power goes',
  async ({ title, each, seed }) => {
    const wrong: string[] = [];
    const recorded = await record(each);
    for (const flush of everyNth(recorded.last - recorded.first + 1, seed).map((point) => recorded.first + point - 1)) {
      await recorded.disk.cutOff(disk('kept'), disk('cut'), flush);
      const found = await begunAgain(recorded.pictures);
      sum.points += 1;
      if (found.length > 0) sum.faults += 1;
      wrong.push(
        ...found.map((fault) =>
          `at flush ${flush} of ${recorded.first} to ${recorded.last}: ${fault}`.replaceAll(stage.directory, ''),
        ),
      );
    }
    process.stdout.write(
      [
        `${title}: flushes ${recorded.first} to ${recorded.last}, after it points ${sum.points}, faults ${sum.faults}`,
        ...wrong,
        '',
      ].join('\n'),
    );
    expect(wrong).toEqual([]);
  },
  limitMs,
);

interface Recorded {
  readonly disk: RecordedDisk;
  /** Flushes that belong to the case. */
  readonly first: number;
  readonly last: number;
  /** What may be seen: the state before and the one after. */
  readonly pictures: readonly string[];
}

async function record(each: CrashCase): Promise<Recorded> {
  await run('cp', ['--sparse=always', disk('kept'), disk('live')]);
  const recorded = await RecordedDisk.mount(disk('live'), live());
  try {
    await stage.start();
    const before = await look(stage);
    const first = (await recorded.flushes()) + 1;
    const client = await stage.connect(each.by ?? mia);
    await each.run({ client, stage });
    client.close();
    const after = await look(stage);
    const last = await recorded.flushes();
    return { disk: recorded, first, last, pictures: [before, after] };
  } finally {
    await stage.kill();
    await recorded[Symbol.asyncDispose]();
  }
}

/** The computer is on again: what lay in memory is gone, the directory of run files with it. */
async function begunAgain(pictures: readonly string[]): Promise<string[]> {
  await mountDisk(disk('cut'), live());
  try {
    await rm(stage.runDirectory, { recursive: true, force: true });
    await inAnotherBoot();
    return await recovered(stage, pictures);
  } finally {
    await stage.kill();
    await unmountDisk(live());
  }
}

/**
 * The computer's boots are told apart by an id that is still the same here: what was noted of this one is made
 * another's.
 */
async function inAnotherBoot(): Promise<void> {
  const own = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  await run('sh', [
    '-ec',
    'grep -rlFZ -e "$2" "$1" | xargs -0r sed -i "s/$2/$3/g"',
    'sh',
    stage.stateDirectory,
    own,
    randomUUID(),
  ]);
}
