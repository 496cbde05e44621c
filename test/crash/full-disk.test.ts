// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams } from '#contract/images.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { mia } from '../support/people.ts';
import { binned, fresh, granted, kept, makeState, mounted } from './kept-state.ts';
import { Stage } from './stage.ts';
import { launchTiny } from './until-machine.ts';

const run = promisify(execFile);
const full = { code: 'storage.disk-full' };
let stage: Stage;
let client: InstanceClient;

/** The state on a small disk of its own, filled to the last byte. */
beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
  await stage.restore();
  const { stateDirectory } = stage;
  const aside = `${stateDirectory}-full`;
  await run('mv', [stateDirectory, aside]);
  await mkdir(stateDirectory);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0711', 'tmpfs', stateDirectory]);
  await run('sh', ['-ec', 'cp -a "$1/." "$2/"; rm -rf "$1"', 'sh', aside, stateDirectory]);
  await stage.start();
  client = new InstanceClient(await stage.connect(mia));
  await fill();
});
afterAll(async () => {
  await stage?.kill();
  await run('umount', ['--lazy', stage.stateDirectory]);
  await stage?.[Symbol.asyncDispose]();
});

it('what needs room says that there is none, and leaves nothing', async () => {
  const { connection } = client;
  await expect(launchTiny(connection, fresh)).rejects.toMatchObject({ data: full });
  await expect(
    connection.request('instances.grant', { name: kept, path: `${stage.home}/mia/deep/given`, mode: 'r' }),
  ).rejects.toMatchObject({ data: full });
  await expect(
    connection.request(
      'images.import',
      imageImportParams.parse({ path: `${stage.home}/mia/b.raw`, format: 'raw', alias: 'other' }),
    ),
  ).rejects.toMatchObject({ data: full });
  await expect(
    connection.request('instances.set-security', { name: mounted, isAllowedWithoutAppArmor: true }),
  ).rejects.toMatchObject({ data: full });
});

it('delete and purge work with no byte free, and make room', async () => {
  expect((await client.run('instances.delete', granted)).state).toBe('succeeded');
  await fill(); // what was kept back is gone: a purge does without
  expect((await client.run('instances.purge', binned)).state).toBe('succeeded');
  await fill();
  expect((await client.run('instances.purge', granted)).state).toBe('succeeded');
  await expect(stat(path.join(stage.stateDirectory, 'instances', granted))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('where there is room again, room is kept back again, and all goes on', async () => {
  await rm(path.join(stage.stateDirectory, 'filling'));
  expect((await client.run('instances.delete', kept)).state).toBe('succeeded');
  await expect
    .poll(
      async () =>
        await stat(path.join(stage.stateDirectory, 'reserve')).then(
          ({ size }) => size,
          () => 0,
        ),
    )
    .toBeGreaterThan(0);
  expect((await client.run('instances.recover', kept)).state).toBe('succeeded');
});

/** Until not one byte more is taken. */
async function fill(): Promise<void> {
  await run('sh', [
    '-c',
    'dd if=/dev/zero bs=64k >> "$1" 2>/dev/null; dd if=/dev/zero bs=1 count=8192 >> "$1" 2>/dev/null; true',
    'sh',
    path.join(stage.stateDirectory, 'filling'),
  ]);
}
