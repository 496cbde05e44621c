// SPDX-License-Identifier: MIT
import { mkdtemp, chown, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { duplexPair, PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { openGuestFiles } from '../../client/transfer/open-guest-files.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { keepAlive, type AttachRequest } from '../../native-helper/shares/attached-share.ts';
import { GuestScripts } from '../../native-helper/shares/guest-scripts.ts';
import { mostWaiting, ShareWatcher } from '../../native-helper/shares/share-watcher.ts';
import { attachBySsh } from '../../native-helper/shares/sshfs/by-ssh.ts';
import { SupervisedMount } from '../../native-helper/shares/supervised-mount.ts';
import type { MountRecord } from '../../native-helper/store/instance-record.ts';
import { HostileGuest } from '../support/hostile-guest.ts';
import { localConnections } from '../support/local-connections.ts';
import { someUser } from '../support/shared-folder.ts';

const record: MountRecord = {
  id: '01234567',
  source: '/tmp',
  target: '/home/berth/x',
  owner: { uid: 1000, gid: 1000 },
  isReadOnly: false,
  type: 'sshfs',
  uidMaps: [],
  gidMaps: [],
};
/**
 * Two seconds are promised; a loaded computer takes longer for anything. Waits for the guest would be of ten seconds
 * and more.
 */
const soonMs = 7_000;

async function mountIn(behaviour: string) {
  const guest = await HostileGuest.start(behaviour);
  const connections = localConnections();
  const server = {
    stdin: new PassThrough().resume(),
    stdout: new PassThrough(),
    ended: new Promise<string>(() => undefined),
    stop: () => Promise.resolve(),
  };
  const request: AttachRequest = {
    instance: instanceName.parse('vm'),
    mount: record,
    user: 'berth',
    isReachable: () => true,
    onBytes: () => undefined,
    machine: {} as AttachRequest['machine'],
    connect: (signal) => connections.connect(guest.target, signal, keepAlive),
  };
  const mount = new SupervisedMount({
    record: () => record,
    isReachable: () => true,
    sweep: async () => undefined,
    changed: () => undefined,
    runner: new LocalProcessRunner(),
    log: pino({ level: 'silent' }),
    attach: (_, signal) => attachBySsh({ server, scripts: new GuestScripts(assetsDirectory), request }, signal),
  });
  return {
    guest,
    mount,
    end: async () => {
      await connections.close();
      await guest[Symbol.asyncDispose]();
    },
  };
}

it('a remount and an unmount that are given up end, whatever the guest does not say', async () => {
  const { guest, mount, end } = await mountIn('mounts');
  try {
    await mount.settled(AbortSignal.timeout(60_000));
    expect(mount.summary().state).toBe('connected');
    const cancelled = new AbortController();
    const remounted = mount.reconnect(cancelled.signal);
    while (!guest.said.join('\n').includes('berth-umount')) await delay(20);
    cancelled.abort();
    expect(await Promise.race([remounted.then(() => 'ended'), delay(soonMs, 'waits')])).toBe('ended');
    expect(
      await Promise.race([mount.close(true, AbortSignal.abort()).then(() => 'ended'), delay(soonMs, 'waits')]),
    ).toBe('ended');
  } finally {
    await end();
  }
});

it('the helper ends while a guest is mounting and does not answer', async () => {
  const { guest, mount, end } = await mountIn('');
  try {
    while (!guest.said.join('\n').includes('berth-mount-sshfs')) await delay(20);
    expect(await Promise.race([mount.close(false).then(() => 'ended'), delay(soonMs, 'waits')])).toBe('ended');
  } finally {
    await end();
  }
});

it("a copy that is given up while the guest's SFTP server does not greet ends at once", async () => {
  const [stream] = duplexPair();
  const cancelled = new AbortController();
  const opened = openGuestFiles(stream, cancelled.signal);
  cancelled.abort();
  await expect(opened).rejects.toThrow();
  expect(stream.destroyed).toBe(true);
});

it('changes of a folder that a guest does not take are kept in a bounded number', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-watch-'));
  await chown(folder, someUser.uid, someUser.gid);
  const watcher = new ShareWatcher(new LocalProcessRunner(), () => undefined);
  const told: number[] = [];
  const taken = Promise.withResolvers<void>();
  try {
    await watcher.start({ ...record, source: folder, owner: someUser }, async ({ count }) => {
      told.push(count);
      await taken.promise;
    });
    for (let file = 0; told.length === 0; file += 1) {
      await writeFile(path.join(folder, `first-${file}`), '');
      await delay(300);
    }
    const [rounds, files] = [10, 400];
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        Array.from({ length: files }, (_, file) => writeFile(path.join(folder, `${round}-${file}`), '')),
      );
      await delay(500); // a batch is told when it has been quiet
    }
    expect(told).toHaveLength(1);
    taken.resolve();
    // The others waited where they were seen, in the user's own process.
    while (watcher.counts.told < rounds * files) await delay(50);
    expect(Math.max(...told)).toBeLessThanOrEqual(mostWaiting.paths);
    expect(watcher.counts.leftOut).toBe(0);
  } finally {
    watcher.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
