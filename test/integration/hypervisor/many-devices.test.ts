// SPDX-License-Identifier: MIT
import { chmod, chown, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MacAddress } from '#contract/names.ts';
import type { RunningMachine } from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineDisk, MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { QmpProbe } from '../../lab/guest/qmp-probe.ts';
import { createFixture, log, runCommand, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(110_000);
let fixture: Fixture;
let machine: MachineSpec;

/** Two disks of its own, one that is only read, and two network cards. */
beforeAll(async () => {
  fixture = await createFixture('/var/tmp');
  const one = await fixture.machine('vm-many');
  const disks = [
    await newDisk(one, 'data', 'qcow2', 9),
    { ...(await newDisk(one, 'read', 'raw', 12)), isReadOnly: true },
  ];
  const second = {
    id: 'nic1',
    mac: '52:54:00:12:34:57' as MacAddress,
    tap: 'btmany1',
    place: { bus: 'pcie.0', slot: 10 },
  };
  machine = { ...one, disks: [...one.disks, ...disks], nics: [...one.nics, second] };
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function newDisk(one: MachineSpec, id: string, format: 'qcow2' | 'raw', slot: number): Promise<MachineDisk> {
  const file = path.join(path.dirname(one.log), `${id}.${format}`);
  await runCommand('qemu-img', ['create', '-q', '-f', format, file, '1M']);
  await chown(file, one.owner.uid, one.owner.gid);
  await chmod(file, 0o600);
  return { id, path: file, format, backingPaths: [], isReadOnly: false, place: { bus: 'pcie.0', slot } };
}

const start = (undo: AsyncDisposableStack): Promise<RunningMachine> =>
  startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });

/** Of each descriptor of the process what /proc tells in this line of its fdinfo. */
async function fdinfo(pid: number, line: RegExp): Promise<string[]> {
  const all = await readdir(`/proc/${pid}/fdinfo`);
  const texts = await Promise.all(all.map((fd) => readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '')));
  return texts.flatMap((text) => line.exec(text)?.[1] ?? []).sort();
}

/** Where QEMU itself says that its devices are. */
async function placesIn({ qmpSocket }: MachineSpec): Promise<Record<string, number>> {
  using probe = await QmpProbe.connect(qmpSocket);
  const [bus] = (await probe.ask('query-pci')).return as [
    { readonly devices: readonly { readonly qdev_id: string; readonly slot: number }[] },
  ];
  return Object.fromEntries(bus.devices.flatMap(({ qdev_id, slot }) => (qdev_id === '' ? [] : [[qdev_id, slot]])));
}

const places = {
  'disk-device0': 1,
  'seed-device0': 2,
  nic0: 3,
  'rng-device0': 4,
  balloon0: 5,
  ports: 8,
  'data-device0': 9,
  nic1: 10,
  'read-device0': 12,
};

it('has every disk with its rights, and a tap for every card', async () => {
  await using undo = new AsyncDisposableStack();
  const running = await start(undo);
  for (const disk of machine.disks) expect(await running.hasOpen(disk.path), disk.id).toBe(true);
  const taps = machine.nics.map(({ tap }) => tap).toSorted();
  expect(await fdinfo(running.process.pid, /^iff:\s*(\S+)$/m)).toEqual(taps);
  expect(running.qemuVersion).toMatch(/^\d+\.\d+\.\d+$/);
  const accesses = await fixture.hypervisor.access(machine);
  expect(accesses.filter(({ purpose }) => purpose === 'disk').map(({ what, mode }) => [what, mode])).toEqual(
    machine.disks.map(({ path: what, isReadOnly }) => [what, isReadOnly ? 'r' : 'rw']),
  );
  expect(
    accesses
      .filter(({ purpose }) => purpose === 'network')
      .map(({ what }) => what)
      .toSorted(),
  ).toEqual(taps);
  running.release(); // QMP takes one client at a time
  {
    using probe = await QmpProbe.connect(machine.qmpSocket);
    const [disk, , read] = machine.disks;
    expect(await probe.openFile(disk!.path, true)).toBe('opened');
    expect(await probe.openFile(read!.path, false)).toContain('Read-only file system');
  }
});

it('has each device at its place, and again after a restart', async () => {
  for (let boot = 1; boot <= 2; boot += 1) {
    await using undo = new AsyncDisposableStack();
    const running = await start(undo);
    running.release();
    expect(await placesIn(machine)).toEqual(places);
  }
});

it('is taken over with all of them', async () => {
  await using undo = new AsyncDisposableStack();
  const running = await start(undo);
  running.release();
  const adopted = await fixture.hypervisor.adopt(machine, running.process);
  undo.defer(() => adopted?.release());
  expect(adopted?.isAnswering).toBe(true);
  expect(await adopted?.hasOpen(machine.disks[1]!.path)).toBe(true);
});
