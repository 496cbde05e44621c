// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bootPhases } from '#contract/operations.ts';
import { audit, type AuditedHost } from '../../support/audit.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

let helper: HelperProcess;
let client: InstanceClient;
let host: AuditedHost;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  const directory = path.dirname(helper.runDirectory);
  host = { ...helper, directory, home: path.join(directory, 'home') };
  await mkdir(host.home);
});
afterAll(async () => {
  await helper?.stop();
});
afterEach(async () => {
  expect(await hostTraces(helper)).toEqual({
    machines: [],
    taps: [],
    bridges: [],
    nftTables: [],
    instanceDirectories: [],
    machineDirectories: [],
    journal: [],
    work: [],
  });
  // Nor an address, an entry in an access list, a profile, a cgroup, a process, a mount or a name.
  expect(await audit(host, client.connection)).toEqual([]);
});

test("a guest that never boots: the phase, the console's end, and nothing is left", async () => {
  const disk = path.join(path.dirname(helper.runDirectory), 'empty.qcow2');
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '600M']);
  const { operationId } = await client.connection.request('images.import', {
    path: disk,
    format: 'qcow2',
    alias: 'empty',
  });
  expectSuccess(await client.wait(operationId));
  const outcome = await client.launch('dud', { image: 'empty', timeoutSeconds: 5 });
  expect(outcome).toMatchObject({ state: 'failed', error: { code: 'guest.address-timeout', phase: 'firmware' } });
  expect(outcome.error?.consoleTail?.join('\n')).toContain('No bootable device');
});

test.each(bootPhases)('cancelled in the phase %s, a launch leaves nothing', async (phase) => {
  const reached = Promise.withResolvers<void>();
  const connection = await helper.connect();
  connection.onEvent(({ body }) => {
    if (
      body.topic === 'instance.phases' &&
      body.name === 'brief' &&
      body.phases.some((entry) => entry.phase === phase && entry.state === 'running')
    )
      reached.resolve();
  });
  await connection.request('events.subscribe', {});
  const { operationId } = await connection.request('instances.launch', {
    image: 'tiny',
    name: 'brief',
    cpus: 1,
    memoryBytes: 256 * 2 ** 20,
    isAllowedWithoutAppArmor: true,
  });
  const isOver = client.wait(operationId).then(() => reached.resolve()); // a quick phase may be over before it is told
  await reached.promise;
  await connection.request('operations.cancel', { id: operationId }).catch(() => undefined); // it may have come through
  await isOver;
  connection.close();
  if ((await client.state('brief')) !== undefined) {
    // Once the guest answers an instance stays, also when the rest of its launch is cancelled.
    expect(['sshd', 'cloud-init']).toContain(phase);
    await client.run('instances.delete', 'brief');
    await client.run('instances.purge', 'brief');
  }
});

test('refused before anything is made: a taken name, an unknown image, bad user data', async () => {
  await expect(client.launch('bad', { userData: '#cloud-config\n- list' })).rejects.toMatchObject({
    data: { code: 'cloudinit.invalid' },
  });
  expect(await client.launch('bad', { image: 'nothing-like-it' })).toMatchObject({
    state: 'failed',
    error: { code: 'image.not-found', phase: 'image' },
  });
});

test('a helper killed in the middle of a launch: the next one takes it away', async () => {
  const connection = await helper.connect();
  const started = Promise.withResolvers<void>();
  connection.onEvent(({ body }) => {
    if (
      body.topic === 'instance.phases' &&
      body.phases.some(({ phase, state }) => phase === 'kernel' && state === 'running')
    )
      started.resolve();
  });
  await connection.request('events.subscribe', {});
  await connection.request('instances.launch', {
    image: 'tiny',
    name: 'cut',
    cpus: 1,
    memoryBytes: 256 * 2 ** 20,
    isAllowedWithoutAppArmor: true,
  });
  await started.promise;
  await helper.kill9();
  expect((await hostTraces(helper)).machines).toHaveLength(1);
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  expect(await client.connection.request('instances.list', {})).toEqual([]);
  const ended = (await client.connection.request('operations.list', {})).find(({ target }) => target === 'cut');
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'operation.interrupted' } });
});

test('a record that cannot be read is set aside and shown as broken; the name stays taken', async () => {
  expectSuccess(await client.launch('whole'));
  await client.run('instances.stop', 'whole', { force: true });
  await helper.terminate();
  const record = path.join(helper.stateDirectory, 'instances/whole/instance.json');
  await writeFile(record, '{"schema":1,');
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  const [broken] = await client.connection.request('instances.list', {});
  expect(broken).toMatchObject({
    name: 'whole',
    state: 'broken',
    brokenReason: expect.stringMatching(
      /^The file \S+instance\.json does not hold a JSON object\. The unreadable file was moved to \S+\.corrupt-\S+\.$/,
    ) as string,
  });
  await expect(client.launch('whole')).rejects.toMatchObject({ data: { code: 'instance.exists' } });
  await expect(client.run('instances.start', 'whole')).rejects.toMatchObject({ data: { code: 'instance.broken' } });
  await promisify(execFile)('rm', ['-r', path.dirname(record)]);
  await helper.terminate();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
});
