// SPDX-License-Identifier: MIT
import { chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HelperCallError } from '../../client/helper-call-error.ts';
import { imageAlias, instanceName } from '../../contract/names.ts';
import { mebibyte } from '../../contract/units.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
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
});

/** Six bytes of a message each. */
const worst = '\u{1}';

it('what a member notes with an instance keeps nobody else from his lists', async () => {
  const [hers, roots, watcher] = [
    await connectAs(mia, helper.runDirectory),
    await helper.connect(),
    await helper.connect(),
  ];
  const name = instanceName.parse('large');
  await hers.request('instances.launch', {
    name,
    image: imageAlias.parse('tiny'),
    memoryBytes: 256 * mebibyte,
    diskBytes: 1024 * mebibyte,
    isAllowedWithoutAppArmor: true,
  });
  await expect
    .poll(
      async () =>
        await hers.request('instances.info', { name }).then(
          () => 'there',
          () => 'not yet',
        ),
      { timeout: 60_000 },
    )
    .toBe('there');
  const source = path.join(directory, ...Array.from({ length: 15 }, () => worst.repeat(250)));
  await mkdir(source, { recursive: true });
  await chown(source, mia.uid, mia.gid);
  await watcher.request('events.subscribe', { pages: true });

  const answers: string[] = [];
  for (let index = 0; index < 30 && answers.at(-1) !== 'request.invalid'; index += 1) {
    answers.push(
      await hers
        .request('mounts.add', { name, source, target: `/mnt/${index}-${worst.repeat(4000)}`, type: 'sshfs' })
        .then(
          () => 'noted',
          (error: unknown) => (error instanceof HelperCallError ? error.code : String(error)),
        ),
    );
  }
  expect(answers).toEqual(['noted', 'noted', 'request.invalid']);
  // as long as the kernel has them, and as the guest could
  await expect(
    hers.request('mounts.add', { name, source, target: `/mnt/${'ü'.repeat(2100)}`, type: 'sshfs' }),
  ).rejects.toMatchObject({ code: 'request.invalid' });

  const all = await roots.request('instances.list', { limit: 500 });
  expect(all.map((each) => [each.name, each.mounts?.length])).toEqual([[name, 2]]);
  await roots.request('instances.info', { name });
  await roots.request('events.subscribe', { pages: true });
  await watcher.request('system.doctor', {});
  await expect(hers.request('mounts.remove', { name })).resolves.toHaveLength(2);
  for (const each of [hers, roots, watcher]) each.close();
}, 120_000);
