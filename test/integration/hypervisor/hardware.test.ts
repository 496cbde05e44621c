// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireUnmounted } from '../../../native-helper/confinement/hardware/block-devices.ts';
import { parseHugetlbMounts } from '../../../native-helper/confinement/hardware/hugepages.ts';
import { pciDevicesOf } from '../../../native-helper/confinement/hardware/pci-devices.ts';
import { cgroupName } from '../../../native-helper/confinement/machine-access.ts';
import type { RunningMachine } from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { createFixture, log, noHardware, runCommand, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(110_000);
const firstFree = { bus: 'pcie.0', slot: 9 };
const poolFile = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
/** Of 2 MiB: the machine's 128 MiB. */
const pages = 64;
let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture('/var/tmp');
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

const start = (machine: MachineSpec, undo: AsyncDisposableStack): Promise<RunningMachine> =>
  startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });

describe('memory of huge pages', () => {
  const isMounted = async (): Promise<boolean> =>
    parseHugetlbMounts(await readFile('/proc/self/mountinfo', 'utf8')).length > 0;
  const undo = new AsyncDisposableStack();

  beforeAll(async () => {
    const before = Number(await readFile(poolFile, 'utf8'));
    await writeFile(poolFile, String(before + pages));
    undo.defer(async () => {
      await writeFile(poolFile, String(before));
    });
    expect(Number(await readFile(poolFile, 'utf8')), 'this computer has room for 128 MiB of huge pages').toBe(
      before + pages,
    );
  });
  afterAll(() => undo.disposeAsync());

  it('is said to be missing where hugetlbfs is not mounted', async () => {
    expect(await isMounted(), 'the tests begin without').toBe(false);
    await using stack = new AsyncDisposableStack();
    await expect(
      start(await fixture.machine('vm-huge', { hardware: { ...noHardware, usesHugepages: true } }), stack),
    ).rejects.toMatchObject({ code: 'hardware.unavailable', params: { what: 'Huge pages' } });
  });

  it('is mounted inside a machine that ran before it was there, and only where the machine has any', async () => {
    await using stack = new AsyncDisposableStack();
    const machine = await fixture.machine('vm-late');
    const running = await start(machine, stack);
    await mkdir('/dev/hugepages', { recursive: true });
    await runCommand('mount', ['-t', 'hugetlbfs', '-o', 'pagesize=2M', 'hugetlbfs', '/dev/hugepages']);
    undo.defer(async () => {
      await runCommand('umount', ['/dev/hugepages']);
    });
    const inside = `/proc/${running.process.pid}/root/dev/hugepages/berth/${cgroupName(machine)}`;
    running.release();
    (await fixture.hypervisor.adopt(machine, running.process))?.release();
    expect(existsSync(inside), 'skipped for a machine without').toBe(false);
    (
      await fixture.hypervisor.adopt({ ...machine, hardware: { ...noHardware, usesHugepages: true } }, running.process)
    )?.release();
    expect(
      parseHugetlbMounts(await readFile(`/proc/${running.process.pid}/mountinfo`, 'utf8')).map(({ place }) => place),
    ).toContain(`/dev/hugepages/berth/${cgroupName(machine)}`);
    expect((await stat(inside)).uid).toBe(machine.owner.uid);
    await expect(writeFile(`/proc/${running.process.pid}/root/dev/x`, '')).rejects.toThrow('EROFS');
  });

  it("is the machine's, in a directory of its own that goes with it", async () => {
    const machine = await fixture.machine('vm-huge', { hardware: { ...noHardware, usesHugepages: true } });
    const directory = `/dev/hugepages/berth/${cgroupName(machine)}`;
    {
      await using stack = new AsyncDisposableStack();
      const running = await start(machine, stack);
      expect(await readFile(`/proc/${running.process.pid}/maps`, 'utf8')).toContain(`${directory}/qemu_back_mem`);
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      expect((await fixture.hypervisor.access(machine)).filter(({ purpose }) => purpose === 'hugepages')).toEqual([
        { purpose: 'hugepages', what: directory, mode: 'rw' },
      ]);
      expect((await running.confinement()).find(({ layer }) => layer === 'private-dev')?.evidence).toContain(
        'hugepages',
      );
    }
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a disk of the host', () => {
  it("is the machine's, read-only where that was said; one that is mounted here is refused", async () => {
    await using undo = new AsyncDisposableStack();
    const image = path.join(fixture.root, 'host-disk');
    await writeFile(image, '');
    await truncate(image, 8 * 1024 ** 2);
    const device = (await runCommand('losetup', ['--find', '--show', image])).stdout.trim();
    undo.defer(async () => {
      await runCommand('losetup', ['-d', device]);
    });
    {
      await using stack = new AsyncDisposableStack();
      const machine = await fixture.machine('vm-block', {
        hardware: { ...noHardware, hostDisks: [{ path: device, isReadOnly: true, place: firstFree }] },
      });
      const running = await start(machine, stack);
      expect(await running.hasOpen(device)).toBe(true);
      const node = await stat(`/proc/${running.process.pid}/root${device}`);
      expect([node.isBlockDevice(), node.mode & 0o777, node.uid]).toEqual([true, 0o400, machine.owner.uid]);
      expect((await fixture.hypervisor.access(machine)).filter(({ purpose }) => purpose === 'block-device')).toEqual([
        { purpose: 'block-device', what: device, mode: 'r' },
      ]);
    }
    await runCommand('mke2fs', ['-q', device]);
    const mount = path.join(fixture.root, 'mnt');
    await mkdir(mount);
    await runCommand('mount', [device, mount]);
    undo.defer(async () => {
      await runCommand('umount', [mount]);
    });
    await expect(requireUnmounted(device)).rejects.toMatchObject({
      code: 'hardware.unavailable',
      params: { what: device, reason: `this computer has it mounted on ${mount}` },
    });
    await using stack = new AsyncDisposableStack();
    await expect(
      start(
        await fixture.machine('vm-block', {
          hardware: { ...noHardware, hostDisks: [{ path: device, isReadOnly: false, place: firstFree }] },
        }),
        stack,
      ),
    ).rejects.toMatchObject({ code: 'hardware.unavailable' });
    await expect(requireUnmounted('/dev/no-such-disk')).rejects.toMatchObject({
      params: { reason: 'there is no such disk' },
    });
  });
});

describe('a VFIO group', () => {
  it('is all of its devices, each bound to vfio-pci, or nothing', async () => {
    const sysfs = path.join(fixture.root, 'sys');
    for (const [address, driver] of [
      ['0000:01:00.0', 'vfio-pci'],
      ['0000:01:00.1', 'snd_hda_intel'],
    ] as const) {
      const directory = path.join(sysfs, 'devices/pci0000:00', address);
      await mkdir(directory, { recursive: true });
      await mkdir(path.join(sysfs, 'drivers', driver), { recursive: true });
      await symlink(path.join(sysfs, 'drivers', driver), path.join(directory, 'driver'));
      for (const group of address.endsWith('.0') ? ['7', '8'] : ['8']) {
        await mkdir(path.join(sysfs, 'kernel/iommu_groups', group, 'devices'), { recursive: true });
        await symlink(directory, path.join(sysfs, 'kernel/iommu_groups', group, 'devices', address));
      }
    }
    expect(await pciDevicesOf(7, sysfs)).toEqual([
      { address: '0000:01:00.0', directory: path.join(sysfs, 'devices/pci0000:00/0000:01:00.0') },
    ]);
    await expect(pciDevicesOf(8, sysfs)).rejects.toMatchObject({
      code: 'hardware.unavailable',
      params: { what: 'VFIO group 8', reason: '0000:01:00.1 has snd_hda_intel; it has to be bound to vfio-pci' },
    });
    await using stack = new AsyncDisposableStack();
    await expect(
      start(await fixture.machine('vm-vfio', { hardware: { ...noHardware, vfioGroups: [{ group: 4711 }] } }), stack),
    ).rejects.toMatchObject({
      code: 'hardware.unavailable',
      params: { reason: 'this computer has no such IOMMU group' },
    });
  });
});
