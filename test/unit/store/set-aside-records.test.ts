// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../../native-helper/core/log.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { InstanceStore } from '../../../native-helper/store/instance-store.ts';

let room: string;
beforeEach(async () => {
  room = await mkdtemp(path.join(os.tmpdir(), 'berth-asides-'));
});
afterEach(async () => await rm(room, { recursive: true }));

it('of records that were set aside the newest tells whose the instance is, and is the one that is named', async () => {
  const files = new Files(path.join(room, 'state'), path.join(room, 'run'));
  const directory = path.join(files.instances, 'web');
  await mkdir(directory, { recursive: true });
  const asides = ['2026-01-01T00-00-00.000Z', '2026-03-01T00-00-00.000Z', '2026-03-01T00-00-00.000Z-1'];
  for (const [index, stamp] of asides.entries())
    await writeFile(
      path.join(directory, `instance.json.corrupt-${stamp}`),
      JSON.stringify({ name: 'web', owner: { uid: 1000 + index, gid: 1000 }, desired: 7 }),
    );
  const store = new InstanceStore(files, createLogger('silent'));
  expect(await store.list()).toMatchObject([
    {
      ok: false,
      aside: path.join(directory, `instance.json.corrupt-${asides[2]}`),
      remains: { name: 'web', owner: { uid: 1002 } },
    },
  ]);
});
