// SPDX-License-Identifier: MIT
import { chown, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instanceName } from '../../contract/names.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { connectAs, mia } from '../support/people.ts';

let members: MembersHelper;
let helper: HelperProcess;
let directory: string;
beforeAll(async () => {
  members = await startForMembers({ below: '/var/tmp' });
  ({ helper, directory } = members);
}, 120_000);
afterAll(async () => {
  await members?.end();
}, 60_000);

/** Programs that try a file as the machine's user, of this helper; each is a Node of some 40 MiB. */
async function trying(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  ); // ended meanwhile
  return lines.filter((line) => line.includes('may-open') && line.includes(directory)).length;
}

it('who gives many files at once has a few programs run, not as many', async () => {
  const hers = await connectAs(mia, helper.runDirectory);
  const name = instanceName.parse('many-files');
  expect(await new InstanceClient(hers).launch(name)).toMatchObject({ state: 'succeeded' });
  const files = Array.from({ length: 40 }, (_, index) => path.join(directory, `f${index}`));
  for (const file of files) {
    await writeFile(file, '', { mode: 0o644 });
    await chown(file, mia.uid, mia.gid);
  }
  const given = Promise.all(
    files.map(async (file) => await hers.request('instances.grant', { name, path: file, mode: 'r' })),
  );
  let most = 0;
  let isGiven = false;
  const end = given.finally(() => {
    isGiven = true;
  });
  while (!isGiven) {
    most = Math.max(most, await trying());
    await delay(5);
  }
  await end;
  expect(most).toBeLessThanOrEqual(2); // one that ends beside the next
  const { settings } = await hers.request('instances.security', { name });
  expect(settings.grants.map((each) => each.path).sort()).toEqual([...files].sort());
  hers.close();
}, 240_000);
