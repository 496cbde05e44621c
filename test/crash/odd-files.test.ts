// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { access, lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InstanceClient } from '../support/instance-client.ts';
import { mia, max } from '../support/people.ts';
import { binned, granted, kept, makeState, mounted } from './kept-state.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  await makeState(stage);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

/** What lies in the place of a file, by a shell's words. */
const oddities: Readonly<Record<string, string>> = {
  'a directory': 'mkdir "$1"',
  'a link that leads nowhere': 'ln -s /nonexistent/file "$1"',
  'a pipe': 'mkfifo "$1"',
  'no JSON': 'echo "{" > "$1"',
};

const files = [
  'reserve',
  'network.json',
  'users.json',
  'image-settings.json',
  'denials.json',
  'catalogues/ubuntu.json',
  'catalogues/first-use.json',
  'operations/op-0000000000.json',
  'ledger/000000000000.json',
  'downloads/00.json',
  `instances/${kept}/instance.json`,
  `instances/${mounted}/denials.json`,
  `instances/${mounted}/console/boot-0001.json`,
];

it.each(Object.entries(oddities))(
  '%s in the place of every file of the state: the helper starts, and the rest serves',
  async (_, script) => {
    await stage.restore();
    const [mine = '', tiny = ''] = await imagesByOrigin();
    for (const file of [...files, `images/${mine}/image.json`])
      await promisify(execFile)('sh', [
        '-ec',
        `mkdir -p "$(dirname "$1")"; rm -rf "$1"; ${script}`,
        'sh',
        path.join(stage.stateDirectory, file),
      ]);
    await stage.start();
    const client = await stage.connect();
    expect((await client.request('instances.list', {})).map(({ name, state }) => [name, state])).toEqual([
      [binned, 'deleted'],
      [granted, 'stopped'],
      [kept, 'broken'],
      [mounted, 'stopped'],
    ]);
    expect((await client.request('images.list', {})).map(({ fingerprint }) => fingerprint)).toEqual([tiny]);
    await expect
      .poll(async () => await readdir(path.join(stage.stateDirectory, 'images')), { timeout: 60_000 })
      .toEqual([tiny]);
    expect(await client.request('console.boots', { name: mounted })).toHaveLength(1);
    expect((await lstat(path.join(stage.stateDirectory, 'reserve'))).isFile()).toBe(true);
    expect((await new InstanceClient(client).run('instances.purge', binned)).state).toBe('succeeded');
    client.close();
  },
);

/** That which mia brought, and that which the instances stand on. */
async function imagesByOrigin(): Promise<string[]> {
  const directory = path.join(stage.stateDirectory, 'images');
  const found = await Promise.all(
    (await readdir(directory)).map(async (name) => {
      const { origin } = JSON.parse(await readFile(path.join(directory, name, 'image.json'), 'utf8')) as {
        readonly origin: string;
      };
      return { name, origin };
    }),
  );
  return found.toSorted((a) => (a.origin === 'imported' ? -1 : 1)).map(({ name }) => name);
}

it('something else in the place of a directory of the state is set aside', async () => {
  await stage.restore();
  for (const name of ['operations', 'profiles', 'ledger', 'work'])
    await promisify(execFile)('sh', ['-ec', 'rm -rf "$1"; echo x > "$1"', 'sh', path.join(stage.stateDirectory, name)]);
  await stage.start();
  const client = await stage.connect(mia);
  expect((await new InstanceClient(client).run('instances.recover', binned)).state).toBe('succeeded');
  await client.request('instances.grant', { name: kept, path: `${stage.home}/mia/deep/given`, mode: 'r' });
  client.close();
});

it('an instance with a broken record is purged by its owner, with what was made for it; where nobody can be told, by root', async () => {
  await stage.restore();
  const directory = path.join(stage.stateDirectory, 'instances', granted);
  await promisify(execFile)('sed', [
    '-i',
    's/"desired": *"stopped"/"desired": 7/',
    path.join(directory, 'instance.json'),
  ]);
  await writeFile(path.join(stage.stateDirectory, 'instances', kept, 'instance.json'), '{');
  await stage.start();
  await stage.kill();
  await stage.start(); // what was set aside by the helper before tells as much
  const [owner, other, root] = [await stage.connect(mia), await stage.connect(max), await stage.connect()];
  await expect(other.request('instances.purge', { name: granted })).rejects.toMatchObject({
    data: { code: 'auth.denied' },
  });
  await expect(owner.request('instances.purge', { name: kept })).rejects.toMatchObject({
    data: { code: 'auth.denied' },
  });
  expect((await new InstanceClient(owner).run('instances.purge', granted)).state).toBe('succeeded');
  expect((await new InstanceClient(root).run('instances.purge', kept)).state).toBe('succeeded');
  expect(await readdir(path.join(stage.stateDirectory, 'instances'))).toEqual([binned, mounted].sort());
  const { stdout } = await promisify(execFile)('getfacl', ['-n', '-p', `${stage.home}/mia/deep/given`]);
  expect([...stdout.matchAll(/^user:(19\d+):/gm)]).toHaveLength(1); // that of the one in the bin
  for (const client of [owner, other, root]) client.close();
});

it('a record of a newer version stays where it is, and is said to be one', async () => {
  await stage.restore();
  const record = path.join(stage.stateDirectory, 'instances', kept, 'instance.json');
  await writeFile(record, JSON.stringify({ schema: 99, name: kept, owner: { uid: mia.uid, gid: mia.gid } }));
  await stage.start();
  const client = await stage.connect(mia);
  expect((await client.request('instances.list', {})).find(({ name }) => name === kept)).toMatchObject({
    state: 'broken',
    isOwn: true,
    brokenReason: `The file ${record} was written by a newer version of Berth.`,
  });
  await access(record);
  client.close();
});
