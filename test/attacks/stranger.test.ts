// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, max, mia, stranger } from '../support/people.ts';

let helper: HelperProcess;
beforeAll(async () => {
  helper = await startHelper({ args: forMembers, seedImages: false });
});
afterAll(async () => {
  await helper.stop();
});

it('who is not of the group does not reach the helper', async () => {
  await expect(connectAs(stranger, helper.runDirectory)).rejects.toMatchObject({
    data: { code: 'helper.unreachable', params: { errno: 'EACCES' } },
  });
});

it('members do, each as who he is', async () => {
  for (const person of [mia, max]) {
    const connection = await connectAs(person, helper.runDirectory);
    expect((await connection.request('system.info', {})).caller).toMatchObject({ uid: person.uid });
    connection.close();
  }
});
