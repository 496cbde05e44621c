// SPDX-License-Identifier: MIT
// Machines whose record cannot be used: nothing takes away what they stand on while they run, and a purge ends them.
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive, referTo } from '../../native-helper/process/proc-fs.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { hostTraces } from '../support/host-traces.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { signalProcess } from '../support/signal-process.ts';

type Json = Record<string, unknown>;
interface Stored extends Json {
  readonly id: string;
  readonly schema: number;
  readonly machine: { readonly spec: Json };
}

let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
});
afterAll(async () => {
  const { machines } = await hostTraces(helper);
  for (const pid of machines) signalProcess(pid, 'SIGKILL'); // of a test that failed
  await helper?.stop();
});

const directoryOf = (name: string): string => path.join(helper.stateDirectory, 'instances', name);
const fileOf = (name: string): string => path.join(directoryOf(name), 'instance.json');
const stored = async (name: string): Promise<Stored> => JSON.parse(await readFile(fileOf(name), 'utf8')) as Stored;

/** The next helper finds the state as `change` leaves it. */
async function between(change: () => Promise<void>): Promise<void> {
  await helper.terminate();
  await change();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
}

async function runFiles(id: string): Promise<readonly string[]> {
  return (await readdir(path.join(helper.runDirectory, 'machines', id))).sort();
}

/** Nothing of any machine is on this computer. */
async function nothingIsLeft(): Promise<void> {
  expect(await hostTraces(helper)).toMatchObject({
    machines: [],
    taps: [],
    instanceDirectories: [],
    machineDirectories: [],
  });
}

test('an old note of the ledger, a later record and a damaged one take nothing from a machine that runs', async () => {
  expectSuccess(await client.launch('one'));
  const whole = await stored('one');
  const before = await hostTraces(helper);
  const files = await runFiles(whole.id);
  const note = path.join(helper.stateDirectory, 'ledger/aabbccddeeff.json');
  const isUntouched = async (): Promise<void> => {
    expect(await client.state('one')).toBe('broken');
    expect(await hostTraces(helper)).toMatchObject({ machines: before.machines, taps: before.taps });
    expect(await runFiles(whole.id)).toEqual(files);
  };
  await between(async () => {
    await mkdir(path.dirname(note), { recursive: true });
    await writeFile(note, JSON.stringify({ schema: 2, kind: 'machine', spec: whole.machine.spec }));
    await writeFile(fileOf('one'), JSON.stringify({ ...whole, schema: 3 }));
  });
  await isUntouched();
  await between(async () => await writeFile(fileOf('one'), JSON.stringify({ ...whole, schema: undefined })));
  await isUntouched();
  await between(async () => await writeFile(fileOf('one'), JSON.stringify(whole)));
  expect(await client.state('one')).toBe('running');
  expect(await client.exec('one', 'hostname')).toMatchObject({ stdout: 'one\n', exitCode: 0 });
  expect(await readdir(path.dirname(note))).toEqual([]);
});

test("a purge ends the machine of a later version's record, and leaves nothing", async () => {
  const record = await stored('one');
  const later = { ...record, schema: 3, machine: { ...record.machine, spec: { ...record.machine.spec, schema: 3 } } };
  await between(async () => await writeFile(fileOf('one'), JSON.stringify(later)));
  expect((await hostTraces(helper)).machines).toHaveLength(1);
  expectSuccess(await client.run('instances.purge', 'one'));
  await nothingIsLeft();
});

test('a purge ends the machine of a record that tells nothing', async () => {
  expectSuccess(await client.launch('two'));
  await between(async () => await writeFile(fileOf('two'), '{'));
  expect(await client.state('two')).toBe('broken');
  expectSuccess(await client.run('instances.purge', 'two'));
  await nothingIsLeft();
});

test('a start ends the machine of an instance whose removal was begun', async () => {
  expectSuccess(await client.launch('three'));
  await between(async () => await rename(directoryOf('three'), directoryOf('.gone-three.aabbccddeeff')));
  await nothingIsLeft();
});

test('where the noted process is no QEMU, or the note cannot be read, a purge ends nothing and removes nothing', async () => {
  const id = 'abcdef01';
  const run = path.join(helper.runDirectory, 'machines', id);
  const bystander = spawn('sleep', ['600'], { stdio: 'ignore' });
  try {
    const ref = (await referTo(bystander.pid!))!;
    await between(async () => {
      await mkdir(directoryOf('four'));
      await writeFile(fileOf('four'), JSON.stringify({ schema: 3, name: 'four', id }));
      await mkdir(run, { recursive: true });
      await writeFile(path.join(run, 'process.json'), JSON.stringify(ref));
    });
    expect(await client.run('instances.purge', 'four')).toMatchObject({
      state: 'failed',
      error: { code: 'hypervisor.still-runs', params: { pid: ref.pid } },
    });
    expect(await isAlive(ref)).toBe(true);
    await writeFile(path.join(run, 'process.json'), '{');
    expect(await client.run('instances.purge', 'four')).toMatchObject({
      state: 'failed',
      error: { code: 'record.not-json' },
    });
    expect(await client.state('four')).toBe('broken');
    expect(await runFiles(id)).toEqual(['process.json']);
    await rm(path.join(run, 'process.json'));
    expectSuccess(await client.run('instances.purge', 'four'));
    expect(await client.state('four')).toBeUndefined();
  } finally {
    bystander.kill('SIGKILL');
  }
});
