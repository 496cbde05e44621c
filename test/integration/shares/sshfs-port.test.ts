// SPDX-License-Identifier: MIT
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MountSummary } from '#contract/mounts.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
let folder: SharedFolder;

/** A line of shell of the guest's root. */
const sh = (line: string): ReturnType<InstanceClient['exec']> => client.exec('one', 'sudo', 'sh', '-c', line);
/** The devices of ports, in shell. */
const ports = 'ls /sys/class/virtio-ports 2> /dev/null | sed s:^:/dev/:';

beforeAll(async () => {
  helper = await startHelper();
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection, 'sshfs');
  folder = await SharedFolder.create();
  await writeFile(folder.in('here'), 'here');
  expectSuccess(await client.launch('one'));
  const mount = await mounts.add('one', folder.path);
  expect(mount).toMatchObject({ state: 'connected', transport: 'sshfs' });
  expect(mount.overSsh).toBeUndefined();
});
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
});

async function serves(): Promise<void> {
  expect(await sh('cat /home/berth/shared/here')).toMatchObject({ stdout: 'here', exitCode: 0 });
  expect((await mounts.list('one'))[0]?.overSsh).toBeUndefined();
}

async function untilBack(reconnects: number): Promise<void> {
  await mounts.until('one', ([mount]) => mount?.state === 'connected' && mount.reconnects >= reconnects);
  await serves();
}

test("its port is the guest's root's alone, is in use, and has no socket left that anybody could connect to", async () => {
  expect(await sh(`stat -c "%a %U" $(${ports}); cat $(${ports})`)).toMatchObject({
    stdout: '600 root\n',
    stderr: expect.stringContaining('busy') as string,
  });
  const [machine = ''] = await readdir(`${helper.runDirectory}/machines`);
  expect(
    (await readdir(`${helper.runDirectory}/machines/${machine}`)).filter((name) => name.startsWith('share-')),
  ).toEqual([]);
});

test('it stays when every connection by SSH has ended', async () => {
  const { stdout: before } = await sh(
    'pidof dropbear; (sleep 0.5; kill -9 $(pidof dropbear); dropbear -R) < /dev/null > /dev/null 2>&1 &',
  );
  await expect
    .poll(
      async () =>
        (await sh('pidof dropbear')).stdout.split(' ').some((pid) => before.split(/\s+/).includes(pid.trim())),
      { timeout: 20_000 },
    )
    .toBe(false);
  await serves();
  expect((await mounts.list('one'))[0]?.reconnects).toBe(0);
});

test('sshfs that is killed in the guest is back by itself, with the port free of what was left', async () => {
  await sh('kill -9 $(pidof sshfs)');
  await untilBack(1);
  expect((await mounts.list('one'))[0]?.lastError?.error).toMatchObject({
    code: 'mount.failed',
    params: { reason: 'sshfs ended in the guest' },
  });
  expect(await sh(`${ports} | wc -l; grep -c fuse.sshfs /proc/mounts`)).toMatchObject({ stdout: '1\n1\n' });
});

test('a root that speaks nonsense at the port gets nothing by it, and the folder is back', async () => {
  const before = await readdir(folder.path);
  await sh(
    `device=$(${ports}); kill -9 $(pidof sshfs); for try in 1 2 3 4 5 6 7 8; do head -c 4000000 /dev/urandom > $device && break; sleep 0.01; done; [ -c $device ] || rm $device`,
  );
  await untilBack(2);
  expect(await readdir(folder.path)).toEqual(before);
});

test('unmounted by somebody in the guest, it is back', async () => {
  const reconnects = (await mounts.list('one'))[0]?.reconnects ?? 0;
  expect(await sh('umount /home/berth/shared')).toMatchObject({ exitCode: 0 });
  await untilBack(reconnects + 1);
});

test('attached anew time and again in quick succession, it does not end by what is told late of the port before', async () => {
  for (let count = 0; count < 3; count += 1)
    expect((await mounts.reconnect('one'))[0]).toMatchObject({ state: 'connected' });
  const reconnects = (await mounts.list('one'))[0]?.reconnects;
  await delay(1_500); // QEMU tells of a port at most once a second
  expect((await mounts.list('one'))[0]).toMatchObject({ state: 'connected', reconnects });
  await serves();
});

test('a guest that restarts itself has it again', async () => {
  await sh('echo before > /home/berth/shared/written; (sleep 0.2; reboot -f) > /dev/null 2>&1 &');
  await mounts.until('one', ([mount]) => mount?.state !== 'connected');
  await mounts.untilConnected('one');
  await serves();
  expect(await readFile(folder.in('written'), 'utf8')).toBe('before\n');
}, 400_000);

test('an unmount takes the port out of the machine', async () => {
  await mounts.remove('one');
  // sshfs ends a moment after the unmount.
  await expect
    .poll(async () => (await sh(`${ports}; pidof sshfs; grep -c berth- /proc/mounts`)).stdout, { timeout: 10_000 })
    .toBe('0\n');
});

test('taken away while it is attached, whoever waits for it learns so, and nothing of it stays', async () => {
  const adding = mounts.add('one', folder.path);
  await mounts.until('one', ([mount]) => mount?.state === 'connecting');
  await mounts.remove('one');
  await adding;
  expect(await mounts.list('one')).toEqual([]);
  expect(await sh(`${ports}; grep -c berth- /proc/mounts`)).toMatchObject({ stdout: '0\n' });
});

test("a port that another program of the guest's root has open is told of as that, and the folder is there when the next one is free", async () => {
  let mount = await addBehindAnother();
  // Who comes first is chance: until the other program did.
  for (let round = 1; mount.state === 'connected' && round < 20; round += 1) {
    await mounts.remove('one');
    mount = await addBehindAnother();
  }
  expect(mount.reason).toMatchObject({
    code: 'mount.failed',
    params: { reason: expect.stringContaining('busy') as string },
  });
  await mounts.untilConnected('one');
  await mounts.remove('one');
});

/** Adds the mount while a program of the guest's root waits to open its port for two seconds. */
async function addBehindAnother(): Promise<MountSummary> {
  await sh(
    '(until [ -c "$(echo /dev/vport*)" ]; do :; done; exec 3<> $(echo /dev/vport*); sleep 2) > /dev/null 2>&1 &',
  );
  return await mounts.add('one', folder.path);
}
