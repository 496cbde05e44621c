// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../native-helper/core/log.ts';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { DenialStore } from '../../../native-helper/store/denial-store.ts';
import { Ledger } from '../../../native-helper/store/ledger.ts';
import { UserCounter } from '../../../native-helper/store/user-counter.ts';

const log = createLogger('silent');

let room: string;
beforeEach(async () => void (room = await mkdtemp(path.join(tmpdir(), 'berth-ledger-'))));
afterEach(async () => await rm(room, { recursive: true }));

const write = async (name: string, content: object): Promise<void> =>
  await writeFile(path.join(room, name), JSON.stringify(content));

it("entries of a later version's schema or kind stay where they are; one that is damaged is set aside", async () => {
  await write('a.json', { schema: 3, kind: 'access' });
  await write('b.json', { schema: 1, kind: 'later', path: '/srv' });
  await write('c.json', { schema: 1, kind: 'access' });
  expect(await new Ledger({ ledger: room }, log).notes()).toEqual([]);
  expect((await readdir(room)).toSorted()).toEqual(['a.json', 'b.json', expect.stringMatching(/^c\.json\.corrupt-/)]);
});

it('operations of a later version stay where they are', async () => {
  await write('op-a.json', { schema: 2 });
  const files = { operations: room, operation: (id: string) => path.join(room, `${id}.json`) };
  expect(await new Journal(files, log).leftovers()).toEqual([]);
  expect(await readdir(room)).toEqual(['op-a.json']);
});

it('what has to be written again is refused beside the file of a later version', async () => {
  await write('users.json', { schema: 2 });
  await write('denials.json', { schema: 2 });
  const newer = { code: 'record.newer' };
  await expect(new UserCounter(path.join(room, 'users.json'), log).take([])).rejects.toMatchObject(newer);
  await expect(new DenialStore(log).read(path.join(room, 'denials.json'))).rejects.toMatchObject(newer);
  expect((await readdir(room)).toSorted()).toEqual(['denials.json', 'users.json']);
});
