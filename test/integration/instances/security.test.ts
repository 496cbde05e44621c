// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';

let helper: HelperProcess;
let client: InstanceClient;
const name = instanceName.parse('guarded');

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expect((await client.launch(name)).state).toBe('succeeded');
}, 200_000);

afterAll(async () => { await helper.stop(); }, 60_000);

describe('the security of an instance', () => {
  it('is told with settings, access and what was measured', async () => {
    const security = await client.connection.request('instances.security', { name });
    expect(security).toMatchObject({ profile: `multipass.${name}.qemu-system-x86_64`, settings: { mode: 'enforce', grants: [], vfioGroups: [] }, isRestartNeeded: false });
    expect(security.layers.map(({ layer }) => layer)).toContain('seccomp');
    const disks = security.access.filter(({ purpose }) => purpose === 'disk');
    expect(disks).toEqual([{ purpose: 'disk', what: `${helper.stateDirectory}/instances/${name}/disk.qcow2`, mode: 'rw' }]);
    expect(security.access.filter(({ purpose, mode }) => purpose === 'image' && mode === 'rw')).toEqual([]);
  });

  it('keeps what was decided, and tells everybody who may know', async () => {
    const changed = await client.connection.request('instances.set-security', { name, isAllowedWithoutAppArmor: true });
    expect(changed.settings.isAllowedWithoutAppArmor).toBe(true);
    await helper.kill9();
    await helper.restart();
    const again = new InstanceClient(await helper.connect());
    const [summary] = await again.connection.request('instances.list', {});
    expect(summary).toMatchObject({ name, state: 'running', security: { isAllowedWithoutAppArmor: true } });
  });
});
