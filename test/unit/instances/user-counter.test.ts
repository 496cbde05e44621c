// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../native-helper/core/log.ts';
import { machineUsers, UserCounter } from '../../../native-helper/store/user-counter.ts';

const log = createLogger('silent');
const range = { first: 1000, count: 20_000 };
let room: string;
let file: string;
beforeEach(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-users-'));
  file = path.join(room, 'users.json');
});
afterEach(async () => {
  await rm(room, { recursive: true, force: true });
});

describe('users of machines', () => {
  it('are given once each, whoever asks at the same time and after a new start', async () => {
    const counter = new UserCounter(file, log, range);
    const given = await Promise.all(Array.from({ length: 5 }, async () => (await counter.take([])).uid));
    given.push((await new UserCounter(file, log, range).take([])).uid);
    expect(given).toEqual(given.map((_, index) => (given[0] ?? 0) + index));
    expect(given[0]).toBeGreaterThanOrEqual(range.first);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ next: (given.at(-1) ?? 0) + 1 });
  });

  it('are above those of records, and of what older versions gave', async () => {
    await writeFile(file, '{"schema":1,"next":1005}');
    expect(await new UserCounter(file, log, range).take([1010, 900, 999_999])).toEqual({ uid: 1011, gid: 1011 });
    expect(machineUsers.first).toBeGreaterThan(1_900_060_000);
    expect(machineUsers.first + machineUsers.count).toBeLessThan(0x7fff_ffff);
  });

  it('come to an end with an error', async () => {
    await writeFile(file, `{"schema":1,"next":${range.first + range.count - 1}}`);
    const counter = new UserCounter(file, log, range);
    await counter.take([]);
    await expect(counter.take([])).rejects.toMatchObject({ code: 'confinement.unavailable', params: { layer: 'uid' } });
  });

  it('begin elsewhere after a file that cannot be read, which is kept', async () => {
    for (const text of ['{', '{"schema":1,"next":0}']) await writeFile(file, text);
    expect((await new UserCounter(file, log, range).take([1500])).uid).toBeGreaterThan(1500);
    expect((await readdir(room)).some((name) => name.startsWith('users.json.corrupt-'))).toBe(true);
  });
});
