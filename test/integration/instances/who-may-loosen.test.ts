// SPDX-License-Identifier: MIT
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setSecurityParams, type SetSecurityParams } from '#contract/security.ts';
import { QuotaFile } from '../../../native-helper/confinement/administrator/quotas.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import { createLogger } from '../../../native-helper/core/log.ts';
import type { Actor } from '../../../native-helper/core/seams/operation.ts';
import { requireStrictAsRoot } from '../../../native-helper/instances/security/change-security.ts';
import { grant } from '../../../native-helper/instances/security/grants.ts';
import type { Instance } from '../../../native-helper/instances/instance/instance.ts';
import { requireDecidedByRoot } from '../../../native-helper/instances/security/loosening.ts';
import { Registry } from '../../../native-helper/instances/instance/registry.ts';
import { removeInstance } from '../../../native-helper/instances/verbs/remove-instance.ts';
import type { InstanceServices } from '../../../native-helper/instances/instance/services.ts';
import { setSecurity } from '../../../native-helper/instances/security/set-security.ts';
import { LinuxNetwork } from '../../../native-helper/network/linux-backend.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { instanceRecord } from '../../../native-helper/store/instance-record.ts';
import { InstanceStore } from '../../../native-helper/store/instance-store.ts';
import { Ledger } from '../../../native-helper/store/ledger.ts';

const mia: Actor = { uid: 4000, gid: 4000, pid: 1 };
const root: Actor = { uid: 0, gid: 0, pid: 1 };
const signal = AbortSignal.timeout(60_000);
let place: string;
/** Stopped instances need no hypervisor or images. */
let services: InstanceServices;
let instance: Instance;

beforeAll(async () => {
  place = await mkdtemp('/var/tmp/berth-loosen-');
  await chmod(place, 0o755);
  const files = new Files(path.join(place, 'state'), path.join(place, 'run'));
  await mkdir(files.instances, { recursive: true });
  await mkdir(path.join(place, 'config'));
  const log = createLogger('silent');
  const store = new InstanceStore(files, log);
  const runner = new LocalProcessRunner();
  services = {
    files,
    store,
    log,
    ledger: new Ledger(files, log),
    network: new LinuxNetwork({ files, runner, log }),
    registry: new Registry(store),
    runner,
    hostSecurity: new HostSecurity(path.join(place, 'config')),
    quotas: new QuotaFile(path.join(place, 'config'), log),
  } as Partial<InstanceServices> as InstanceServices;
  instance = await services.registry.add(
    instanceRecord.parse({
      schema: 2,
      revision: 0,
      id: '00c0ffee',
      uuid: '6f1c1b8e-4f6b-4a38-9a0a-000000000001',
      name: 'mine',
      owner: { uid: 4000, gid: 4000 },
      runAs: { uid: 61007, gid: 61007 },
      createdAt: '2026-01-01T00:00:00.000Z',
      desired: 'stopped',
      image: {
        fingerprint: 'ab'.repeat(32),
        title: 'Tiny',
        os: 'tiny',
        release: '12',
        defaultUser: 'tiny',
        architecture: 'x86_64',
      },
      cpus: 1,
      memoryBytes: 256 * 1024 ** 2,
      diskBytes: 1024 ** 3,
      mac: '52:54:00:12:34:56',
      hostKey: 'ssh-ed25519 AAAA',
      boots: [],
    }),
  );
});
afterAll(async () => {
  await rm(place, { recursive: true });
});

const set = (actor: Actor, changes: object): Promise<Instance> =>
  setSecurity(services, actor, setSecurityParams.parse({ name: 'mine', ...changes }) as SetSecurityParams);

it('an owner decides on consent and huge pages; nobody else does', async () => {
  await set(mia, { isAllowedWithoutAppArmor: true, usesHugepages: true });
  expect(instance.security).toMatchObject({ isAllowedWithoutAppArmor: true, mode: 'enforce', usesHugepages: true });
  await expect(set({ uid: 4001, gid: 4001, pid: 1 }, { mode: 'enforce' })).rejects.toMatchObject({
    code: 'auth.denied',
  });
});

it('root decides on complain mode, arguments and environment; the owner may take them away', async () => {
  for (const changes of [
    { mode: 'complain' },
    { qemu: { args: ['-name', 'x'] } },
    { qemu: { env: ['MALLOC_ARENA_MAX=1'] } },
  ])
    await expect(set(mia, changes)).rejects.toMatchObject({ code: 'confinement.root-only' });
  await set(root, { mode: 'complain', qemu: { args: ['-plugin', 'x'], env: ['A=b'] } });
  expect(instance.security).toMatchObject({
    mode: 'complain',
    qemu: { args: ['-plugin', 'x'], env: { A: 'b' } },
    loosenedBy: { mode: 0, args: 0, env: 0 },
  });
  await requireDecidedByRoot(services, instance);
  await set(mia, { usesHugepages: false });
  await requireDecidedByRoot(services, instance);
  await set(mia, { qemu: { args: [] } });
  expect(instance.security.qemu, 'what is not named stays').toEqual({ args: [], env: { A: 'b' } });
  await set(mia, { qemu: { env: {} }, mode: 'enforce' });
});

it('what an owner decided in an older version is refused at a start, and stays', async () => {
  const { loosenedBy: _, ...old } = instance.security;
  for (const each of [
    { mode: 'complain' as const },
    { qemu: { args: ['-name', 'x'], env: {} } },
    { qemu: { args: [], env: { A: 'b' } } },
  ]) {
    await services.registry.update(instance, () => ({ security: { ...old, ...each } }));
    await expect(requireDecidedByRoot(services, instance)).rejects.toMatchObject({
      code: 'confinement.root-only',
      params: { name: 'mine' },
    });
    expect(instance.security).toMatchObject(each);
  }
  await services.registry.update(instance, () => ({ security: old }));
  await requireDecidedByRoot(services, instance);
});

it('the administrator may let owners, of a list of what is harmless', async () => {
  const conf = path.join(place, 'config/security.conf');
  await writeFile(conf, 'users_may = [ "qemu-args", "qemu-env" ]\n');
  const args = ['-cpu', 'max,la57=off', '--device', 'usb-kbd,bus=xhci.0', '-smbios', 'type=1,serial=7', '-no-reboot'];
  await set(mia, { qemu: { args, env: ['MALLOC_ARENA_MAX=1'] } });
  await requireDecidedByRoot(services, instance);
  await expect(set(mia, { mode: 'complain' })).rejects.toMatchObject({ code: 'confinement.root-only' });
  await rm(conf);
  await expect(requireDecidedByRoot(services, instance), 'he changed his mind').rejects.toMatchObject({
    code: 'confinement.root-only',
  });
  await set(mia, { qemu: { args: [], env: {} } });
});

it.each([{ usesVhostNet: true }, { vfioGroups: [7] }, { blockDevices: [{ path: '/dev/loop0', isReadOnly: true }] }])(
  'only root gives hardware: %j',
  async (changes) => {
    await expect(set(mia, changes)).rejects.toMatchObject({ code: 'auth.denied', params: { uid: 4000 } });
    await set(root, changes);
    expect(instance.security).toMatchObject(changes);
    await set(mia, { usesVhostNet: false, vfioGroups: [], blockDevices: [] });
  },
);

it('a disk has to be one', async () => {
  for (const file of ['/dev/full', '/etc/hostname'])
    await expect(set(root, { blockDevices: [{ path: file, isReadOnly: false }] })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:grant\.denied|hardware\.unavailable)$/) as string,
    });
});

it('hardware is given once, and as much as there are slots', async () => {
  const link = path.join(place, 'loop');
  await symlink('/dev/loop0', link);
  const disk = (file: string): object => ({ path: file, isReadOnly: true });
  for (const twice of [
    { vfioGroups: [7, 8, 7] },
    { blockDevices: [disk('/dev/loop0'), disk('/dev/loop0')] },
    { blockDevices: [disk(link), disk('/dev/loop0')] },
  ])
    await expect(async () => await set(root, setSecurityParams.parse({ name: 'mine', ...twice }))).rejects.toThrow(
      /each group once|each disk once|\/dev\/loop0 is named twice/,
    );
  expect(instance.security).toMatchObject({ vfioGroups: [], blockDevices: [] });

  const blockDevices = Array.from({ length: 16 }, (_, index) => ({ path: `/dev/sd${index}`, isReadOnly: true }));
  await services.registry.update(instance, () => ({ security: { ...instance.security, blockDevices } }));
  await set(root, { vfioGroups: [1, 2, 3, 4, 5, 6] });
  await expect(set(root, { vfioGroups: [1, 2, 3, 4, 5, 6, 7] })).rejects.toMatchObject({
    code: 'hardware.unavailable',
    params: { what: 'The device vfio:7' },
  });
  expect(instance.security.vfioGroups).toEqual([1, 2, 3, 4, 5, 6]);
  await set(mia, { vfioGroups: [], blockDevices: [] });
});

it('where machines run as root, only root takes anything of the confinement away', async () => {
  const conf = path.join(place, 'config/security.conf');
  const file = path.join(place, 'disc.iso');
  await writeFile(file, '');
  await chown(file, 4000, 4000);
  await set(mia, { mode: 'enforce', isAllowedWithoutAppArmor: false });
  await writeFile(conf, 'user = "root"\n');
  for (const changes of [
    { isAllowedWithoutAppArmor: true },
    { mode: 'complain' },
    { qemu: { args: ['-name', 'x'] } },
    { qemu: { env: ['A=b'] } },
  ])
    await expect(set(mia, changes)).rejects.toMatchObject({ code: 'auth.denied' });
  await expect(grant(services, mia, { name: instance.name, path: file, mode: 'r' }, signal)).rejects.toMatchObject({
    code: 'auth.denied',
  });
  await set(mia, { qemu: { args: [], env: {} } });
  await set(root, { mode: 'complain' });
  await expect(requireStrictAsRoot(services, instance)).rejects.toMatchObject({
    code: 'confinement.unavailable',
    params: { layer: 'uid' },
  });
  await rm(conf);
  await requireStrictAsRoot(services, instance);
});

it('an instance that goes takes its entries off the files of others, and its profile with it', async () => {
  const file = path.join(place, 'home/disc.iso');
  await mkdir(path.dirname(file), { mode: 0o700 });
  await writeFile(file, '', { mode: 0o600 });
  for (const each of [path.dirname(file), file]) await chown(each, 4000, 4000);
  const profile = path.join(place, 'config/apparmor/multipass.mine.qemu-system-x86_64');
  await mkdir(path.dirname(profile));
  await writeFile(profile, 'x');
  await grant(services, mia, { name: instance.name, path: file, mode: 'rw' }, signal);
  const entries = async (): Promise<string> =>
    (
      await services.runner.run(
        { program: 'getfacl', args: ['-cpn', file, path.dirname(file)], confinement: 'none-needed' },
        { signal },
      )
    ).stdout;
  expect((await entries()).match(/user:61007:/g)).toHaveLength(2);
  await removeInstance(services, instance);
  expect(await entries()).not.toContain('61007');
  await expect(readFile(profile)).rejects.toThrow('ENOENT');
});
