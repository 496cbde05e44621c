// SPDX-License-Identifier: MIT
// An instance that somebody pauses stands until somebody lets it go on.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceSummary } from '#contract/instances.ts';
import { runBerth } from '../../cli/run-berth.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const bootMs = 400_000;
/** Long enough for a clock that stood to be told from one that is right. */
const standsMs = 5000;
let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('one'));
}, bootMs);
afterAll(async () => await helper?.stop(), bootMs);

const berth = async (...args: string[]) => await runBerth(helper.runDirectory, args);

async function seen(): Promise<InstanceSummary | undefined> {
  return (await client.connection.request('instances.list', {})).find(({ name }) => name === 'one');
}

/** Seconds that the guest's clock is ahead of this computer's, at most. */
async function clockIsOff(): Promise<number> {
  const before = Date.now() / 1000;
  const { stdout } = await client.exec('one', 'date', '-u', '+%s');
  const after = Date.now() / 1000;
  return Math.max(before - 1 - Number(stdout), Number(stdout) - after, 0);
}

/** Of the processor, by the guest's QEMU. */
async function processorTicks(): Promise<number> {
  const { pid } = await client.connection.request('instances.info', { name: 'one' as never });
  const [, ...fields] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return Number(fields[10]) + Number(fields[11]);
}

test('a paused one takes nothing of the processor, and everything says that it was asked for', async () => {
  expect(await client.exec('one', 'sh', '-c', 'echo here > /tmp/kept; sleep 10000 > /dev/null 2>&1 &')).toMatchObject({
    exitCode: 0,
  });
  expect(await berth('pause', 'one')).toMatchObject({ exitCode: 0 });
  expect(await seen()).toMatchObject({ state: 'paused', pause: { reason: 'asked' } });
  expect((await berth('list')).stdout.toString()).toContain('paused: on request');
  expect((await berth('info', 'one')).stdout.toString()).toMatch(/Paused:\s+on request, since [^]*Resume it/);
  expect(await berth('exec', 'one', '--', 'true')).toMatchObject({
    exitCode: 255,
    stderr: expect.stringContaining('instance.held') as string,
  });
  expect((await berth('pause', 'one')).stderr).toContain('one is already paused.');
  const ticks = await processorTicks();
  await sleep(standsMs);
  expect((await processorTicks()) - ticks).toBeLessThanOrEqual(5);
});

test('a helper that is started meanwhile leaves it so, and knows why', async () => {
  const before = await seen();
  const { machines } = await hostTraces(helper);
  await helper.kill9();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  expect(await seen()).toMatchObject({ state: 'paused', pause: before?.pause });
  expect((await hostTraces(helper)).machines).toEqual(machines);
});

test('it goes on where it was, and its clock is right', async () => {
  expect(await berth('resume', 'one')).toMatchObject({ exitCode: 0 });
  expect(await seen()).toMatchObject({ state: 'running' });
  expect(await seen()).not.toHaveProperty('pause');
  expect(await client.exec('one', 'sh', '-c', 'cat /tmp/kept; pidof sleep')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^here\n\d+/) as string,
  });
  expect(await clockIsOff()).toBeLessThanOrEqual(2);
  expect((await berth('resume', 'one')).stderr).toContain('one is already running.');
});

test('a start lets it go on too, and a helper after that does not take it for paused', async () => {
  expectSuccess(await client.run('instances.pause', 'one'));
  expectSuccess(await client.run('instances.start', 'one'));
  expect(await client.state('one')).toBe('running');
  await helper.kill9();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  expect(await seen()).toMatchObject({ state: 'running' });
});

test(
  'a stop shuts it down, and neither pause nor resume is for one that is stopped',
  async () => {
    expectSuccess(await client.run('instances.pause', 'one'));
    expectSuccess(await client.run('instances.stop', 'one'));
    expect(await client.state('one')).toBe('stopped');
    for (const verb of ['pause', 'resume'])
      expect(await berth(verb, 'one')).toMatchObject({
        exitCode: 5,
        stderr: expect.stringContaining('instance.wrong-state') as string,
      });
  },
  bootMs,
);
