// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { instanceDetails } from '#contract/instances.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { runBerth, startBerth } from './run-berth.ts';

let helper: HelperProcess;
const guestTimeMs = 700_000;
const tiny = ['tiny', '--without-apparmor', '--memory', '256M'];

beforeAll(async () => {
  helper = await startHelper();
  expect(await berth('launch', ...tiny, '--name', 'web')).toMatchObject({ exitCode: 0 });
}, guestTimeMs);
afterAll(async () => await helper.stop(), guestTimeMs);

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const names = async (): Promise<Record<string, string>> => {
  const all = z
    .array(instanceDetails)
    .parse(JSON.parse((await berth('list', '--all', '--format', 'json')).stdout.toString()));
  return Object.fromEntries(all.map(({ name, state }) => [name, state]));
};

test(
  'a launch that is cancelled after SSH answered says that the instance stays, and its phase ends',
  async () => {
    const child = startBerth(helper.runDirectory, [
      'launch',
      ...tiny,
      '--name',
      'late',
      '--cloud-init',
      '-',
      '--verbose',
    ]);
    child.stdin.end('#cloud-config\nruncmd:\n  - sleep 600\n');
    let told = '';
    let isSignalled = false;
    for await (const chunk of child.stderr) {
      told += String(chunk);
      if (!isSignalled && /^launch late: cloud-init/m.test(told)) isSignalled = child.kill('SIGINT');
    }
    expect(child.exitCode ?? ((await once(child, 'exit')) as [number])[0]).toBe(130);
    expect(told).toMatch(/the instance was kept\. \[operation\.cancelled-late\][^]*berth delete --purge late/);
    expect(told).not.toContain('What it had begun was undone');
    const [details] = z
      .array(instanceDetails)
      .parse(JSON.parse((await berth('info', 'late', '--format', 'json')).stdout.toString()));
    expect(details).toMatchObject({ state: 'running' });
    expect(details?.boots?.at(-1)?.phases.filter(({ state }) => state === 'running' || state === 'waiting')).toEqual(
      [],
    );
    expect(await berth('delete', '--force', '--purge', 'late')).toMatchObject({ exitCode: 0 });
  },
  guestTimeMs,
);

test(
  'a start that is cancelled says nothing of things that were removed, and the instance is there as before',
  async () => {
    expect(await berth('stop', '--force', 'web')).toMatchObject({ exitCode: 0 });
    const child = startBerth(helper.runDirectory, ['start', 'web', '--verbose']);
    child.stdin.end();
    let told = '';
    let isSignalled = false;
    for await (const chunk of child.stderr) {
      told += String(chunk);
      if (!isSignalled && /^start web: [a-z]/m.test(told)) isSignalled = child.kill('SIGINT');
    }
    expect(child.exitCode ?? ((await once(child, 'exit')) as [number])[0]).toBe(130);
    expect(told).toContain(
      'The operation was cancelled. [operation.cancelled]\n  hint: What it had begun was undone.\n',
    );
    expect(await names()).toMatchObject({ web: 'stopped' });
    expect(await berth('start', 'web')).toMatchObject({ exitCode: 0 });
  },
  guestTimeMs,
);

test('a start of what runs and a stop of what is stopped succeed and say so, with several names too', async () => {
  expect(await berth('start', 'web')).toMatchObject({ exitCode: 0, stderr: 'web is already running.\n' });
  expect(await berth('recover', 'web')).toMatchObject({
    exitCode: 0,
    stderr: 'web is not in the trash: it is running.\n',
  });
  expect(await berth('stop', '--force', 'web')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await berth('stop', 'web')).toMatchObject({ exitCode: 0, stderr: 'web is already stopped.\n' });
  for (const verb of ['exec', 'shell'])
    expect(await berth(verb, '--no-start', 'web', ...(verb === 'exec' ? ['--', 'true'] : []))).toMatchObject({
      exitCode: 255,
      stderr: expect.stringMatching(/is stopped, so .*\[instance\.wrong-state\]\n {2}hint: .*berth start web\b/),
    });
  const both = await berth('stop', 'web', 'nobody');
  expect(both).toMatchObject({
    exitCode: 4,
    stderr: expect.stringMatching(
      /web is already stopped\.[^]*instance\.not-found|instance\.not-found[^]*web is already stopped\./,
    ),
  });
});

test(
  'delete of what is deleted succeeds; delete --purge takes it, goes on after a name that is not there, and tells of that',
  async () => {
    expect(await berth('delete', 'web')).toMatchObject({ exitCode: 0 });
    expect(await berth('delete', 'web')).toMatchObject({ exitCode: 0, stderr: 'web is already deleted.\n' });
    expect((await berth('launch', ...tiny, '--name', 'two', '--no-wait')).exitCode).toBe(0);
    const purged = await berth('delete', '--purge', 'nobody', 'web', 'two');
    expect(purged).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('There is no instance named nobody.'),
    });
    expect(await names()).toEqual({});
  },
  guestTimeMs,
);

test(
  'delete --purge works at every moment of a launch',
  async () => {
    for (const name of ['early', 'later']) {
      const launched = berth('launch', ...tiny, '--name', name);
      if (name === 'later') await expect.poll(async () => (await names())[name], { timeout: 60_000 }).toBe('starting');
      else
        await expect
          .poll(async () => JSON.stringify((await berth('activity', '--format', 'json')).stdout.toString()), {
            timeout: 60_000,
          })
          .toContain(name);
      expect(await berth('delete', '--purge', name)).toMatchObject({ exitCode: 0 });
      expect((await launched).exitCode).toBe(130);
      expect(await names()).toEqual({});
    }
  },
  guestTimeMs,
);

test(
  'a broken instance can be removed, and delete says how',
  async () => {
    for (const name of ['one', 'two']) {
      expect(await berth('launch', ...tiny, '--name', name)).toMatchObject({ exitCode: 0 });
      expect(await berth('stop', '--force', name)).toMatchObject({ exitCode: 0 });
    }
    await helper.terminate();
    for (const name of ['one', 'two'])
      await writeFile(path.join(helper.stateDirectory, 'instances', name, 'instance.json'), '{');
    await helper.restart();
    expect(await names()).toEqual({ one: 'broken', two: 'broken' });
    expect(await berth('delete', '--all', '--purge', '--yes')).toMatchObject({
      exitCode: 0,
      stderr: 'Nothing to delete.\n',
    });
    expect(await names()).toEqual({ one: 'broken', two: 'broken' });
    expect(await berth('delete', 'one')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('berth purge one'),
    });
    expect(await berth('purge', 'one')).toMatchObject({ exitCode: 0 });
    expect(await berth('delete', '--purge', 'two')).toMatchObject({ exitCode: 0 });
    expect(await names()).toEqual({});
  },
  guestTimeMs,
);
