// SPDX-License-Identifier: MIT
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import type { SetSecurityParams } from '#contract/security.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { strictSettings } from '../../native-helper/instances/security/security-settings.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { connectAs, forMembers, mia } from '../support/people.ts';
import { storeStopped } from '../support/stopped-instances.ts';

let helper: HelperProcess;
let hers: HelperConnection;
let roots: HelperConnection;
const mine = instanceName.parse('mine');
const old = instanceName.parse('old');
const rootOnly = { data: { code: 'confinement.root-only' } };

/** Two stopped instances of hers; the second as a version left it that let every owner decide. */
beforeAll(async () => {
  helper = await startHelper({ args: forMembers, seedImages: false });
  await helper.terminate();
  await storeStopped(helper, [
    { name: mine, owner: mia },
    {
      name: old,
      owner: mia,
      more: {
        security: {
          ...strictSettings,
          isAllowedWithoutAppArmor: true,
          qemu: { args: ['-plugin', '/tmp/x.so'], env: {} },
        },
      },
    },
  ]);
  await helper.restart();
  [hers, roots] = [await connectAs(mia, helper.runDirectory), await helper.connect()];
}, 60_000);
afterAll(async () => {
  await helper.stop();
});

/** Decides, and expects that it is so from then on. */
async function decide(
  connection: HelperConnection,
  name: typeof mine,
  changes: Omit<SetSecurityParams, 'name'>,
): Promise<void> {
  const { settings } = await connection.request('instances.set-security', { name, ...changes });
  expect(settings).toMatchObject(changes);
}

const attempts = {
  'a plugin': { qemu: { args: ['-plugin', '/tmp/x.so'] } },
  'a monitor of her own': { qemu: { args: ['-monitor', 'unix:/tmp/monitor,server'] } },
  'a file by name': { qemu: { args: ['-drive', 'file=/etc/shadow,format=raw'] } },
  'even what is harmless': { qemu: { args: ['-name', 'x'] } },
  'a directory of modules': { qemu: { env: { QEMU_MODULE_DIR: '/tmp' } } },
  'any variable': { qemu: { env: ['A=b'] } },
  'complain mode': { mode: 'complain' },
} as const;

describe('a member on an instance of her own', () => {
  it.each(Object.entries(attempts))('%s: refused', async (_, changes) => {
    await expect(hers.request('instances.set-security', { name: mine, ...changes } as never)).rejects.toMatchObject(
      rootOnly,
    );
    expect(
      (await hers.request('instances.list', {})).find(({ name }) => name === mine)?.security?.qemu ??
        strictSettings.qemu,
    ).toEqual(strictSettings.qemu);
  });

  it('variables of the loader are refused to everybody', async () => {
    for (const connection of [hers, roots])
      await expect(
        connection.request('instances.set-security', { name: mine, qemu: { env: { LD_PRELOAD: '/tmp/x.so' } } }),
      ).rejects.toMatchObject({ data: { code: 'request.invalid' } });
  });
});

it("what root decides is root's decision still when she starts; she may take it away", async () => {
  await decide(roots, mine, { isAllowedWithoutAppArmor: true, qemu: { args: ['-name', 'x'] } });
  const { operationId } = await hers.request('instances.start', { name: mine });
  // there is no such image here: it came that far
  expect(await hers.request('operations.wait', { id: operationId })).toMatchObject({
    state: 'failed',
    error: { code: 'image.base-changed' },
  });
  await decide(hers, mine, { qemu: { args: [] } });
});

it('an instance of an older version with arguments of hers does not start, says why, and loses nothing', async () => {
  const told = await hers.request('instances.start', { name: old }).then(
    () => undefined,
    (error: { message: string; data: object }) => error,
  );
  expect(told).toMatchObject(rootOnly);
  await helper.kill9();
  await helper.restart();
  [hers, roots] = [await connectAs(mia, helper.runDirectory), await helper.connect()];
  expect((await hers.request('instances.list', {})).find(({ name }) => name === old)?.security).toMatchObject({
    qemu: { args: ['-plugin', '/tmp/x.so'] },
  });
  await decide(hers, old, { qemu: { args: [] } });
  const { operationId } = await hers.request('instances.start', { name: old });
  expect(await hers.request('operations.wait', { id: operationId })).toMatchObject({
    error: { code: 'image.base-changed' },
  });
}, 60_000);

it('where the administrator lets owners, they may what opens nothing and loads nothing', async () => {
  const conf = path.join(helper.configDirectory, 'security.conf');
  await mkdir(helper.configDirectory, { recursive: true, mode: 0o755 });
  await writeFile(conf, 'users_may = [ "qemu-args", "qemu-env" ]\n', { mode: 0o644 });
  await decide(hers, mine, { qemu: { args: ['-name', 'x', '-device', 'usb-kbd'], env: { MALLOC_ARENA_MAX: '1' } } });
  const { 'even what is harmless': _, ...others } = attempts;
  for (const [what, changes] of Object.entries(others))
    await expect(
      hers.request('instances.set-security', { name: mine, ...changes } as never),
      what,
    ).rejects.toMatchObject(rootOnly);
  await rm(conf);
  await expect(hers.request('instances.start', { name: mine }), 'he changed his mind').rejects.toMatchObject(rootOnly);
});
