// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allInstances } from '../../client/list-all.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, mia } from '../support/people.ts';
import { storeStopped } from '../support/stopped-instances.ts';
import { runBerth } from '../cli/run-berth.ts';

/** The command line runs as root here, as with sudo: root may do everything with everybody's. */
const root = { uid: 0, gid: 0 };
let helper: HelperProcess;

beforeAll(async () => {
  helper = await startHelper({ args: forMembers, seedImages: false });
  await helper.terminate();
  await storeStopped(helper, [
    { name: 'hers', owner: mia },
    { name: 'roots', owner: root },
    { name: 'gone', owner: mia, more: { deletedAt: '2026-01-02T00:00:00.000Z' } },
  ]);
  await helper.restart();
});
afterAll(async () => await helper.stop());

const berth = async (...words: string[]) => await runBerth(helper.runDirectory, words);

async function states(): Promise<Readonly<Record<string, string>>> {
  const connection = await connectAs(mia, helper.runDirectory);
  const found = await allInstances(connection);
  connection.close();
  return Object.fromEntries(found.map(({ name, state }) => [name, state]));
}

it('what takes things away takes those of the caller alone, and says what it left', async () => {
  const deleted = await berth('delete', '--all', '--purge', '--yes');
  expect(deleted).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('Instances of other users are left alone: 1. Name them to delete them.') as string,
  });
  expect(await states()).toEqual({ hers: 'stopped', gone: 'deleted' });
  expect(await berth('purge', '--all', '--yes')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('Instances of other users are left alone: 1. Name them to purge them.') as string,
  });
  expect(await states()).toEqual({ hers: 'stopped', gone: 'deleted' });
});

it('by name root takes them all the same', async () => {
  expect(await berth('delete', 'hers')).toMatchObject({ exitCode: 0 });
  expect(await states()).toEqual({ hers: 'deleted', gone: 'deleted' });
});
