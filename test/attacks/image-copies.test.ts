// SPDX-License-Identifier: MIT
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { chmod, chown, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageAlias } from '../../contract/names.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { connectAs, mia } from '../support/people.ts';

let members: MembersHelper;
let helper: HelperProcess;
let directory: string;
beforeAll(async () => {
  members = await startForMembers({ seedImages: false });
  ({ helper, directory } = members);
});
afterAll(async () => {
  await members?.end();
});

/** What processes of a user have open for writing below the state: a process of his takes it by pidfd_getfd(2). */
function openedBy(uid: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return [];
        return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
          const file = readlinkSync(`/proc/${pid}/fd/${fd}`);
          return file.startsWith(helper.stateDirectory) ? [`/proc/${pid}/fd/${fd}`] : [];
        });
      } catch {
        return []; // it ended under our eyes
      }
    });
}

it('a user never has the copy of his import open, so what was checked is what is used', async () => {
  const content = randomFillSync(Buffer.alloc(96 * 1024 ** 2));
  const file = path.join(directory, 'own.raw');
  await writeFile(file, content);
  await chown(file, mia.uid, mia.gid);
  await chmod(file, 0o600);
  const connection = await connectAs(mia, helper.runDirectory);
  const { operationId } = await connection.request('images.import', {
    path: file,
    format: 'raw',
    alias: imageAlias.parse('own'),
  });
  let isOver = false;
  const ended = connection.request('operations.wait', { id: operationId }).finally(() => {
    isOver = true;
  });
  const found: string[] = [];
  let looks = 0;
  while (!isOver) {
    for (const copy of openedBy(mia.uid)) {
      found.push(copy);
      try {
        const fd = openSync(copy, 'r+'); // what pidfd_getfd would give
        writeSync(fd, Buffer.from('changed after its check'), 0, 23, 0);
        closeSync(fd);
      } catch {
        // it ended before
      }
    }
    looks += 1;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(await ended).toMatchObject({ state: 'succeeded' });
  expect(looks).toBeGreaterThan(0);
  expect(found).toEqual([]);
  const [image] = await connection.request('images.list', {});
  connection.close();
  const disk = await readFile(path.join(helper.stateDirectory, 'images', image?.fingerprint ?? '', 'disk.qcow2'));
  expect(disk.includes('changed after its check')).toBe(false);
});
