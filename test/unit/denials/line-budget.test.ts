// SPDX-License-Identifier: MIT
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DenialWatch } from '../../../native-helper/instances/denials/denial-watch.ts';
import type { DeniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { inAll, perUser } from '../../../native-helper/instances/denials/line-budget.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { samples } from './samples.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-budget-'));
});
afterEach(async () => await rm(directory, { recursive: true }));

/** What the watch says of all these, and how many it did not look at. */
async function heardOf(
  lines: readonly string[],
): Promise<{ readonly heard: readonly DeniedAccess[]; readonly lost: number }> {
  const auditFile = path.join(directory, 'audit.log');
  await writeFile(auditFile, lines.map((line) => `${line}\n`).join(''));
  const watch = new DenialWatch({
    runner: new LocalProcessRunner(),
    log: pino({ level: 'silent' }),
    auditFile,
    hasAppArmor: async () => false,
  });
  const heard: DeniedAccess[] = [];
  watch.on('denied', (denied) => heard.push(denied));
  await watch.begin();
  const lost = watch.source().lost?.count ?? 0;
  await watch.close();
  return { heard, lost };
}

const tries = (count: number, { second = 1_795_684_238, fsuid = 61_477 }): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    samples.open.replace('1795684238.572:21', `${second}.572:${index}`).replace('fsuid=61477', `fsuid=${fsuid}`),
  );

it('looks at so many denials of one user a second, and counts the rest', async () => {
  const { heard, lost } = await heardOf([...tries(5000, {}), ...tries(3, { fsuid: 61_478 })]);
  expect(heard).toHaveLength(perUser + 3);
  expect(heard.filter(({ details }) => details.get('fsuid') === '61478')).toHaveLength(3);
  expect(lost).toBe(5000 - perUser);
});

it('looks at them again in the next second', async () => {
  const { heard } = await heardOf([...tries(100, {}), ...tries(100, { second: 1_795_684_239 })]);
  expect(heard).toHaveLength(2 * perUser);
});

it('takes a profile for the user where the kernel names none', async () => {
  const capability = Array.from({ length: 100 }, () => samples.capability);
  expect((await heardOf([...capability, samples.network])).heard).toHaveLength(perUser + 1);
});

it('has a bound on all users together', async () => {
  const { heard } = await heardOf(
    Array.from({ length: 2000 }, (_, index) => tries(1, { fsuid: 61_000 + index })).flat(),
  );
  expect(heard).toHaveLength(inAll);
});

it("neither counts nor looks at what is refused to others' programs", async () => {
  const { heard, lost } = await heardOf([...Array.from({ length: 1000 }, () => samples.foreign), samples.auditd]);
  expect(heard).toHaveLength(1);
  expect(lost).toBe(0);
});
