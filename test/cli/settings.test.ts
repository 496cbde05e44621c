// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { runBerth } from './run-berth.ts';

let helper: HelperProcess;
const guestTimeMs = 700_000;
const tiny = ['tiny', '--without-apparmor', '--cpus', '2', '--memory', '256M'];

beforeAll(async () => {
  helper = await startHelper();
  for (const name of ['web', 'db'])
    expect(await berth('launch', ...tiny, '--name', name)).toMatchObject({
      exitCode: 0,
    });
}, guestTimeMs);
afterAll(async () => {
  for (const name of ['web', 'db']) await berth('set', name, 'protected=no');
  await helper.stop();
}, guestTimeMs);

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const printed = async (...args: string[]): Promise<string> => (await berth(...args)).stdout.toString();

test('set says what comes with the next start, and get tells what is set and what it takes', async () => {
  expect(await berth('set', 'web', 'cpus=3', 'memory=512M', 'description=the shop')).toMatchObject({
    exitCode: 0,
    stderr: 'cpus, memory: from the next start of web (berth restart web).\n',
  });
  expect(await printed('get', 'web', 'cpus')).toBe('3\n');
  expect(await printed('get', 'web', 'memory')).toBe('512M\n');
  const lines = (await printed('get', 'web')).split('\n');
  expect(lines.find((line) => line.startsWith('cpus'))).toMatch(/^cpus +3 \(now 2\) +next start$/);
  expect(lines.find((line) => line.startsWith('disk'))).toMatch(/^disk +5G +stop needed$/);
  expect(JSON.parse(await printed('get', 'web', '--format', 'json'))).toMatchObject({
    cpus: 3,
    memoryBytes: 512 * 1024 ** 2,
    description: 'the shop',
    tags: [],
    isProtected: false,
  });
  expect(await printed('info', 'web')).toMatch(/Description: +the shop\n[^]*CPUs: +2; 3 from the next start\n/);
  expect(await berth('set', 'web', 'cpus=3')).toMatchObject({
    exitCode: 0,
    stderr: 'web has these settings already.\n',
  });
});

test.each([
  [['set', 'web', 'colour=red'], 2, 'Settings of an instance: cpus, memory, disk'],
  [['set', 'web', 'cpus'], 2, 'the value is missing'],
  [['set', 'web'], 2, 'berth set NAME KEY=VALUE'],
  [['set', 'web', 'cpus=0'], 2, 'cpus: Use a whole number'],
  [['set', 'web', 'cpus=65'], 2, 'cpus: at most 64'],
  [['set', 'web', 'memory=1M'], 2, 'memory: at least 128 MiB'],
  [['set', 'web', 'disk=40'], 2, 'Did you mean 40G?'],
  [['set', 'web', 'tags=a,,b'], 2, 'tags: use letters'],
  [['set', 'web', 'protected=maybe'], 2, 'use yes or no'],
  [['set', 'local.web.cpus=4'], 2, 'berth set web cpus=VALUE'],
  [['get', 'web', 'colour'], 2, 'There is no setting named colour'],
  [['get', 'nobody'], 4, 'instance.not-found'],
  [['set', 'web', 'disk=10G'], 5, 'instance.stop-needed'],
  [['wait', 'nobody'], 4, 'instance.not-found'],
  [['wait', 'web', '--timeout', '2147484'], 2, 'from 1 to 2147483'],
  [['wait', 'web', '--for', 'rain'], 2, 'ready, stopped, address'],
])('%j ends with %i', async (args, exitCode, words) => {
  const result = await berth(...args);
  expect(result).toMatchObject({ exitCode, stderr: expect.stringContaining(words) });
  expect(result.stdout).toHaveLength(0);
});

test(
  'wait returns when the instance is stopped, ready again, and has an address',
  async () => {
    expect(await berth('wait', 'web', '--for', 'stopped', '--timeout', '1')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('After 1 second, web is not stopped: it is running.'),
    });
    const stopped = berth('wait', 'web', '--for', 'stopped');
    expect((await berth('stop', 'web')).exitCode).toBe(0);
    expect(await stopped).toMatchObject({ exitCode: 0, stderr: '' });
    const waiting = [berth('wait', 'web'), berth('wait', 'web', '--for', 'address')] as const;
    expect((await berth('start', '--no-wait', 'web')).exitCode).toBe(0);
    const [ready, addressed] = await Promise.all(waiting);
    expect(ready.exitCode).toBe(0);
    expect((await printed('exec', 'web', '--', 'nproc')).trim()).toBe('3');
    expect(addressed.stdout.toString()).toMatch(/^\d+\.\d+\.\d+\.\d+\n$/);
  },
  guestTimeMs,
);

test('a larger disk of a stopped instance says what is left to do', async () => {
  expect((await berth('stop', '--force', 'db')).exitCode).toBe(0);
  expect(await berth('set', 'db', 'disk=6G')).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('The file system of db does not grow by itself.'),
  });
  expect(await berth('set', 'db', 'disk=5G')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('instance.disk-too-small'),
  });
});

test('of one that does not run no restart is spoken of, and one in the trash is recovered before its disk grows', async () => {
  const later = { exitCode: 0, stderr: 'cpus: from the next start of db.\n' };
  expect(await berth('set', 'db', 'cpus=1')).toMatchObject(later);
  expect((await berth('delete', 'db')).exitCode).toBe(0);
  expect(await berth('set', 'db', 'cpus=2')).toMatchObject(later);
  expect(await berth('set', 'db', 'disk=7G')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/\[instance\.stop-needed\]\n {2}hint: Recover it first: berth recover db/),
  });
  expect((await berth('recover', 'db')).exitCode).toBe(0);
});

test('instances are named by tags, and what is protected stays', async () => {
  expect((await berth('set', 'web', 'tags=shop,front', 'protected=yes')).exitCode).toBe(0);
  expect((await berth('set', 'db', 'tags=shop')).exitCode).toBe(0);
  const tagged = async (...tags: string[]): Promise<string[]> =>
    (
      JSON.parse(await printed('list', '--format', 'json', ...tags.flatMap((tag) => ['--tag', tag]))) as {
        name: string;
      }[]
    )
      .map(({ name }) => name)
      .sort();
  expect([await tagged('shop'), await tagged('shop', 'front'), await tagged('none')]).toEqual([
    ['db', 'web'],
    ['web'],
    [],
  ]);
  expect(await printed('list')).toMatch(/TAGS\n[^]*db .* shop\n[^]*web .* shop, front\n/);
  expect(await berth('delete', '--tag', 'shop')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(
      /web is protected, so it cannot be deleted\. \[instance\.protected\]\n {2}hint: .*berth set web protected=no/,
    ),
  });
  expect(JSON.parse(await printed('list', '--all', '--format', 'json'))).toMatchObject([
    { name: 'db', state: 'deleted' },
    { name: 'web', state: 'running', isProtected: true },
  ]);
  expect(await berth('delete', '--force', 'web')).toMatchObject({ exitCode: 5 });
  expect(await printed('list')).toMatch(/web +running/);
  expect((await berth('recover', '--tag', 'shop')).exitCode).toBe(0);
  expect((await berth('stop', '--tag', 'front', '--force')).exitCode).toBe(0);
});
