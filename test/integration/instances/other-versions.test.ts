// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

type Json = Record<string, unknown>;
interface Stored extends Json {
  readonly schema: number;
  readonly places?: unknown;
  readonly machine?: { readonly spec: Json };
}

let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
});
afterAll(async () => {
  await helper?.stop();
});

const file = (): string => path.join(helper.stateDirectory, 'instances/one/instance.json');
const stored = async (): Promise<Stored> => JSON.parse(await readFile(file(), 'utf8')) as Stored;

/** Another helper of this version takes over what the record is changed into meanwhile. */
async function change(into: (record: Stored) => Json): Promise<void> {
  await helper.terminate();
  await writeFile(file(), JSON.stringify(into(await stored())));
  await helper.restart();
  client = new InstanceClient(await helper.connect());
}

test('a machine is noted with its stamp and its places, and the record is of version 1 without one', async () => {
  expectSuccess(await client.launch('one'));
  const { schema, machine, places } = await stored();
  expect([schema, machine?.spec['stamp'], machine?.spec['bootOrder']]).toEqual([
    2,
    { machineType: 'pc-q35-7.2', cpuModel: 'max,la57=off', qemuVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    ['disk'],
  ]);
  const own = ['disk', 'seed', 'nic0'].map((device, index) => ({ device, bus: 'pcie.0', slot: index + 1 }));
  expect(places).toEqual(own);
  expectSuccess(await client.run('instances.stop', 'one'));
  expect(await stored()).toMatchObject({ schema: 1, places: own });
  expect(await stored()).not.toHaveProperty('machine');
  expectSuccess(await client.run('instances.start', 'one'));
});

test('a machine that a helper of version 1 started is taken over and serves on', async () => {
  const { machines } = await hostTraces(helper);
  await change(({ places: _, machine, ...record }) => ({
    ...record,
    schema: 1,
    machine: { ...machine, spec: asVersion1(machine!.spec) },
  }));
  expect(await client.state('one')).toBe('running');
  expect((await hostTraces(helper)).machines).toEqual(machines);
  expect(await client.exec('one', 'hostname')).toMatchObject({ stdout: 'one\n', exitCode: 0 });
  expectSuccess(await client.run('instances.stop', 'one'));
  expectSuccess(await client.run('instances.start', 'one'));
  expect(await client.exec('one', 'hostname')).toMatchObject({ exitCode: 0 });
});

test('a machine of a later version goes on with its network, and is there again after the update', async () => {
  const before = await hostTraces(helper);
  await change((record) => ({ ...record, schema: record.schema + 1 }));
  expect(await client.state('one')).toBe('broken');
  await expect(client.run('instances.start', 'one')).rejects.toMatchObject({ data: { code: 'instance.broken' } });
  expect(await hostTraces(helper)).toMatchObject({ machines: before.machines, taps: before.taps });
  await change((record) => ({ ...record, schema: record.schema - 1 }));
  expect(await client.state('one')).toBe('running');
  expect(await client.exec('one', 'hostname')).toMatchObject({ stdout: 'one\n', exitCode: 0 });
});

/** The form that helpers of version 1 wrote. */
function asVersion1(spec: Json): Json {
  const { id: _, stamp: __, maxCpus: ___, bootOrder: ____, runDirectory, disks, nics, cdrom, hardware, ...rest } = spec;
  const [[disk], [nic]] = [disks, nics] as [Json[], Json[]];
  const { hostDisks, ...given } = hardware as Json;
  return {
    ...rest,
    schema: 1,
    disk: { path: disk!['path'], backingPaths: disk!['backingPaths'], bytes: disk!['bytes'] },
    nic: { mac: nic!['mac'], tap: nic!['tap'] },
    seedPath: (cdrom as Json)['path'],
    pidFile: `${String(runDirectory)}/qemu.pid`,
    security: { ...(rest['security'] as Json), ...given, blockDevices: hostDisks },
  };
}
