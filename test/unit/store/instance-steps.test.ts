// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentText, parseDocument } from '../../../native-helper/store/document.ts';
import { instanceDocument } from '../../../native-helper/store/instance-record.ts';
import { remainsOf } from '../../../native-helper/store/instance-remains.ts';
import { ledgerDocument } from '../../../native-helper/store/ledger-record.ts';
import { instanceName } from '../../../contract/names.ts';

type Json = Record<string, unknown>;

const golden = path.join(import.meta.dirname, 'golden');
const read = (file: string): Json => JSON.parse(readFileSync(path.join(golden, file), 'utf8')) as Json;
const oldest = read('instance.1-2562b2e.json');
const last = read('instance.11-ffb8483.json');
const specOf = (record: Json): Json => (record['machine'] as Json)['spec'] as Json;
const parsed = (record: Json) => parseDocument(instanceDocument, JSON.stringify(record), 'instance.json');
const written = (record: Json): Json => JSON.parse(documentText(instanceDocument, parsed(record)).text) as Json;

const image = `/var/lib/berth/images/${'a'.repeat(64)}`;
const { grants, qemu, loosenedBy } = (last['security'] ?? {}) as Json;
const expected = {
  schema: 2,
  id: '0badcafe',
  instance: 'web',
  uuid: '4f1c1d0e-6f0e-4a3f-9a55-3f6f6a0c9d11',
  architecture: 'x86_64',
  accelerator: 'tcg',
  stamp: { machineType: 'pc-q35-7.2', cpuModel: 'max,la57=off' },
  cpus: 2,
  maxCpus: 2,
  memoryBytes: 1073741824,
  owner: { uid: 1901000001, gid: 1901000001 },
  disks: [
    {
      id: 'disk',
      path: '/var/lib/berth/instances/web/disk.qcow2',
      format: 'qcow2',
      backingPaths: [`${image}/disk.qcow2`],
      bytes: 5368709120,
      isReadOnly: false,
      place: { bus: 'pcie.0', slot: 1 },
    },
  ],
  cdrom: { path: '/var/lib/berth/instances/web/seed.iso', place: { bus: 'pcie.0', slot: 2 } },
  nics: [{ id: 'nic0', mac: '52:54:00:00:00:01', tap: 'tap-0badcafe', place: { bus: 'pcie.0', slot: 3 } }],
  bootOrder: ['disk'],
  kernel: { kernelPath: `${image}/kernel`, initrdPath: `${image}/initrd`, commandLine: 'console=ttyS0' },
  runDirectory: '/run/berth/machines/0badcafe',
  qmpSocket: '/run/berth/machines/0badcafe/qmp.sock',
  serialSocket: '/run/berth/machines/0badcafe/serial.sock',
  consoleLog: '/var/lib/berth/instances/web/console/boot-0002.log',
  log: '/var/lib/berth/instances/web/qemu.log',
  security: { isAllowedWithoutAppArmor: true, mode: 'complain', grants, qemu, loosenedBy },
  hardware: {
    usesHugepages: true,
    usesVhostNet: true,
    vfioGroups: [{ group: 7 }],
    hostDisks: [{ path: '/dev/vdb', isReadOnly: true }],
  },
  shareSlots: 4,
};

describe('a machine of version 1', () => {
  it('has one disk and one NIC where they always were, and all that was known of it', () => {
    expect(parsed(last).machine?.spec).toEqual(expected);
  });

  it('is the same where less was known of it', () => {
    const { security: _, shareSlots: __, ...rest } = expected;
    const [{ bytes: ___, ...disk }] = expected.disks as [(typeof expected.disks)[0]];
    const hardware = { usesHugepages: false, usesVhostNet: false, vfioGroups: [], hostDisks: [] };
    expect(parsed(oldest).machine?.spec).toEqual({ ...rest, disks: [disk], hardware });
  });

  it.each([
    [{ accelerator: 'kvm' }, { machineType: 'pc-q35-7.2', cpuModel: 'host' }],
    [{ architecture: 'aarch64' }, { machineType: 'virt-7.2', cpuModel: 'max,pauth-impdef=on' }],
    [
      { architecture: 'aarch64', accelerator: 'kvm' },
      { machineType: 'virt-7.2', cpuModel: 'host' },
    ],
  ])('was started as %j says', (change, stamp) => {
    const record = { ...last, machine: { ...(last['machine'] as Json), spec: { ...specOf(last), ...change } } };
    expect(parsed(record).machine?.spec.stamp).toEqual(stamp);
  });

  it('keeps what a later helper of version 1 knew of it', () => {
    const spec = specOf(last);
    const nic = { ...(spec['nic'] as Json), queues: 4 };
    const disk = { ...(spec['disk'] as Json), cache: 'none' };
    const record = { ...last, machine: { ...(last['machine'] as Json), spec: { ...spec, nic, disk, watchdog: true } } };
    const { nics, disks, watchdog } = specOf(written(record)) as Record<string, Json[]>;
    expect([nics?.[0]?.['queues'], disks?.[0]?.['cache'], watchdog]).toEqual([4, 'none', true]);
  });

  it('is damaged by the name of its part where a part of it is', () => {
    const without = (key: string) => {
      const { [key]: _, ...spec } = specOf(last);
      return { ...last, machine: { ...(last['machine'] as Json), spec } };
    };
    for (const [key, field] of [
      ['disk', 'machine.spec.disks.0'],
      ['nic', 'machine.spec.nics.0'],
      ['seedPath', 'machine.spec.cdrom.path'],
      ['qmpSocket', 'machine.spec.id'],
    ] as const)
      expect(() => parsed(without(key))).toThrow(expect.objectContaining({ params: { path: 'instance.json', field } }));
  });

  it('is what is left of a record that cannot be used', () => {
    const text = JSON.stringify({ ...last, boots: 'none' });
    expect(remainsOf(instanceName.parse('web'), text).machine?.spec).toEqual(expected);
  });

  it('is the same in the ledger', () => {
    const entry = parseDocument(ledgerDocument, JSON.stringify(read('ledger-machine.1-d589da7.json')), 'a.json');
    expect(entry).toMatchObject({ kind: 'machine', spec: expected });
  });
});

describe('what is written', () => {
  it('is version 2 with a machine', () => {
    expect(written(last)).toMatchObject({ schema: 2, machine: { spec: { schema: 2 } } });
  });

  it('is for a helper of version 1 without one, with all that such a record had', () => {
    const { machine: _, ...stopped } = last;
    const places = [{ device: 'disk', bus: 'pcie.0', slot: 1 }];
    expect(written(stopped)).toEqual(stopped);
    expect(written({ ...stopped, places })).toEqual({ ...stopped, places });
  });

  it('is an entry of the ledger for a helper of version 1 unless it is of a machine', () => {
    const text = JSON.stringify(read('ledger-access.1-d589da7.json'));
    const access = parseDocument(ledgerDocument, text, 'a.json');
    expect(JSON.parse(documentText(ledgerDocument, access).text)).toEqual(JSON.parse(text));
  });
});
