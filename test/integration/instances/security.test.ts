// SPDX-License-Identifier: MIT
import { chmod, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';

let helper: HelperProcess;
let client: InstanceClient;
/** Whether this computer's kernel lacks AppArmor, so that consent is asked for. */
let needsConsent: boolean;
const name = instanceName.parse('guarded');
const refusal = { data: { code: 'confinement.consent-required', params: { reason: 'this kernel has no AppArmor' } } };

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  const { confinement } = await client.connection.request('system.info', {});
  needsConsent = confinement?.needsConsent ?? false;
  expect(confinement?.model).toBe(needsConsent ? 'none' : 'apparmor');
}, 60_000);

afterAll(async () => {
  await helper.stop();
}, 60_000);

describe('the security of an instance', () => {
  it('is not given up without a word: no launch without AppArmor unless its owner allows it', async () => {
    if (needsConsent) {
      await expect(client.launch(name, { isAllowedWithoutAppArmor: false })).rejects.toMatchObject(refusal);
      expect(await client.connection.request('instances.list', {})).toEqual([]);
    }
    expect((await client.launch(name)).state).toBe('succeeded');
  }, 200_000);

  it('is told with settings, access and what was measured', async () => {
    const security = await client.connection.request('instances.security', { name });
    expect(security).toMatchObject({
      profile: `multipass.${name}.qemu-system-x86_64`,
      settings: { isAllowedWithoutAppArmor: true, mode: 'enforce', grants: [] },
      needsConsent: false,
      isRestartNeeded: false,
    });
    expect(security.layers.map(({ layer }) => layer)).toContain('seccomp');
    const disks = security.access.filter(({ purpose }) => purpose === 'disk');
    expect(disks).toEqual([
      { purpose: 'disk', what: `${helper.stateDirectory}/instances/${name}/disk.qcow2`, mode: 'rw' },
    ]);
    expect(security.access.filter(({ purpose, mode }) => purpose === 'image' && mode === 'rw')).toEqual([]);
  });

  it('keeps what was decided; a machine that runs is adopted whatever it was', async () => {
    const changed = await client.connection.request('instances.set-security', {
      name,
      isAllowedWithoutAppArmor: false,
    });
    expect(changed).toMatchObject({ settings: { isAllowedWithoutAppArmor: false }, needsConsent });
    await helper.kill9();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    const [summary] = await client.connection.request('instances.list', {});
    expect(summary).toMatchObject({ name, state: 'running', security: { isAllowedWithoutAppArmor: false } });
  });

  it('switches to complain mode while the machine runs, and tells it', async () => {
    const told = Promise.withResolvers<string | undefined>();
    client.connection.onEvent(({ body }) => {
      if (body.topic === 'instance.changed' && body.instance.security?.mode === 'complain')
        told.resolve(body.instance.name);
    });
    await client.connection.request('events.subscribe', {});
    const complaining = await client.connection.request('instances.set-security', { name, mode: 'complain' });
    expect(complaining).toMatchObject({
      settings: { mode: 'complain' },
      isRestartNeeded: false,
      ...(needsConsent ? {} : { labelMode: 'complain' }),
    });
    expect(await told.promise).toBe(name);
    expect(await client.connection.request('instances.set-security', { name, mode: 'enforce' })).toMatchObject({
      settings: { mode: 'enforce' },
      isRestartNeeded: false,
    });
  });

  it('gives a file to the machine that runs, and takes it back; what QEMU has open stays', async () => {
    const { connection } = client;
    const disc = path.join(helper.configDirectory, '../disc.iso');
    await writeFile(disc, Buffer.alloc(4096), { mode: 0o600 });
    const file = await realpath(disc);
    await expect(
      connection.request('instances.grant', {
        name,
        path: path.join(helper.stateDirectory, 'network.json'),
        mode: 'r',
      }),
    ).rejects.toMatchObject({ data: { code: 'grant.denied' } });
    await expect(connection.request('instances.revoke', { name, path: file })).rejects.toMatchObject({
      data: { code: 'grant.not-found' },
    });
    const given = await connection.request('instances.grant', { name, path: disc, mode: 'r' });
    expect(given.settings.grants).toMatchObject([{ path: file, mode: 'r', kind: 'file', grantedBy: 0 }]);
    expect(given.isRestartNeeded, 'a file in /tmp comes into a machine at its start only').toBe(
      file.startsWith('/tmp/'),
    );
    const asked = await connection.request('instances.set-security', {
      name,
      isAllowedWithoutAppArmor: true,
      qemu: { args: ['-drive', `if=none,id=extra,format=raw,readonly=on,file=${file}`], env: ['A=b'] },
    });
    expect(asked).toMatchObject({ isRestartNeeded: true, settings: { qemu: { env: { A: 'b' } } } });
    expect(await client.run('instances.restart', name, { force: true })).toMatchObject({ state: 'succeeded' });
    expect(await connection.request('instances.security', { name })).toMatchObject({
      isRestartNeeded: false,
      access: expect.arrayContaining([{ purpose: 'granted', what: file, mode: 'r' }]) as unknown[],
    });
    await expect(connection.request('instances.revoke', { name, path: file })).rejects.toMatchObject({
      data: { code: 'grant.in-use' },
    });
    await connection.request('instances.set-security', {
      name,
      isAllowedWithoutAppArmor: false,
      qemu: { args: [], env: {} },
    });
    if (needsConsent)
      await expect(
        client.run('instances.restart', name, { force: true }),
        'a machine that could not be started again is not stopped',
      ).rejects.toMatchObject(refusal);
    expect(await client.state(name)).toBe('running');
    expect(await client.run('instances.stop', name, { force: true })).toMatchObject({ state: 'succeeded' });
    expect((await connection.request('instances.revoke', { name, path: file })).settings.grants).toEqual([]);
    if (needsConsent) await expect(client.run('instances.start', name)).rejects.toMatchObject(refusal);
    const { operationId } = await connection.request('instances.start', { name, isAllowedWithoutAppArmor: true });
    expect(await client.wait(operationId)).toMatchObject({ state: 'succeeded' });
    expect(
      (await connection.request('instances.security', { name })).settings.isAllowedWithoutAppArmor,
      'asked once',
    ).toBe(true);
  }, 200_000);

  it('follows the administrator: without AppArmor by his word no consent is asked, and nothing starts where his file cannot be relied on', async () => {
    await client.connection.request('instances.set-security', { name, isAllowedWithoutAppArmor: false });
    const file = path.join(helper.configDirectory, 'security.conf');
    await mkdir(helper.configDirectory, { mode: 0o755 });
    await writeFile(file, 'security_driver = "none"\n');
    expect((await client.connection.request('system.info', {})).confinement).toEqual({
      model: 'none',
      reason: `${file} turns AppArmor off`,
      needsConsent: false,
    });
    expect(await client.run('instances.restart', name, { force: true })).toMatchObject({ state: 'succeeded' });
    await chmod(file, 0o666);
    await expect(client.run('instances.restart', name, { force: true })).rejects.toMatchObject({
      data: { code: 'confinement.administrator-file' },
    });
    expect(await client.state(name)).toBe('running');
    expect((await client.connection.request('system.info', {})).confinement).toMatchObject({
      problem: `${file} cannot be trusted: others than root may write it (mode 666)`,
    });
    await rm(file);
  }, 200_000);
});
