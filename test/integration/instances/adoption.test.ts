// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { signalProcess } from '../../support/signal-process.ts';

let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
});
afterAll(async () => {
  await helper?.stop();
});

/** Prints a numbered line on the guest's console ten times a second, in the background. */
const ticker =
  '(i=0; while [ $i -lt 150 ]; do echo tick-$i. > /dev/console; i=$((i+1)); sleep 0.1; done) > /dev/null 2>&1 < /dev/null &';

test('machines outlive a killed helper; the next one adopts them and their consoles have no gap', async () => {
  for (const name of ['one', 'two']) expectSuccess(await client.launch(name));
  const before = await hostTraces(helper);
  expect(before.machines).toHaveLength(2);
  expect(await client.exec('one', 'sudo', 'sh', '-c', ticker)).toMatchObject({ exitCode: 0 });
  await client.console('one', (printed) => printed.includes('tick-20.'));
  const addresses = (await client.connection.request('instances.list', {})).map((instance) => instance.addresses);

  await helper.kill9();
  expect((await hostTraces(helper)).machines).toEqual(before.machines);
  await helper.restart();
  client = new InstanceClient(await helper.connect());

  expect((await hostTraces(helper)).machines).toEqual(before.machines);
  const instances = await client.connection.request('instances.list', {});
  expect(instances.map(({ state }) => state)).toEqual(['running', 'running']);
  expect(instances.map((instance) => instance.addresses)).toEqual(addresses);
  const printed = await client.console('one', (text) => text.includes('tick-149.'));
  const ticks = [...printed.matchAll(/tick-(\d+)\./g)].map((match) => Number(match[1]));
  expect(ticks).toEqual(Array.from({ length: 150 }, (_, index) => index));
  expect(printed).toContain('Linux version');

  const marks = await client.connection.request('console.marks', { name: 'one', boot: 1 });
  expect(marks.length).toBeGreaterThan(10);
  expect(marks.every((mark, index) => index === 0 || (marks[index - 1]?.offset ?? 0) < mark.offset)).toBe(true);
  expect(await client.exec('two', 'hostname')).toMatchObject({ stdout: 'two\n', exitCode: 0 });
});

test('an adopted machine is stopped and started like any other', async () => {
  expectSuccess(await client.run('instances.stop', 'two'));
  expect((await hostTraces(helper)).machines).toHaveLength(1);
  const info = await client.connection.request('instances.info', { name: 'one' });
  expect(info.boots?.[0]?.phases.map(({ state }) => state)).toEqual(Array.from({ length: 9 }, () => 'done'));
});

test('a machine that answers nothing holds up no helper, is ended where that is asked, and is as before when it answers', async () => {
  const [pid] = (await hostTraces(helper)).machines;
  await helper.terminate();
  signalProcess(pid, 'SIGSTOP');
  const begunMs = performance.now();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  expect(performance.now() - begunMs).toBeLessThan(9_000);
  expect(await client.state('one')).toBe('unknown');
  expect((await client.run('instances.stop', 'one')).error).toMatchObject({ code: 'hypervisor.control-failed' });
  signalProcess(pid, 'SIGCONT');
  await expect.poll(() => client.state('one'), { timeout: 30_000 }).toBe('running');
  expect((await hostTraces(helper)).machines).toEqual([pid]);
});

test('a machine that ended while no helper lived is stopped, and what it used is given back', async () => {
  const [pid] = (await hostTraces(helper)).machines;
  await helper.terminate();
  signalProcess(pid, 'SIGKILL');
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  expect(await client.state('one')).toBe('stopped');
  expect(await hostTraces(helper)).toMatchObject({
    machines: [],
    taps: [],
    bridges: [],
    nftTables: [],
    machineDirectories: [],
  });
});
