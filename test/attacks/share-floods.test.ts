// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { HelperError } from '../../native-helper/core/errors.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { ninePServerChoice } from '../../native-helper/shares/9p/nine-p-server.ts';
import { startPipedServer } from '../../native-helper/shares/piped-server.ts';
import { shareServerChoice } from '../../native-helper/shares/sshfs/share-server.ts';
import { SupervisedMount } from '../../native-helper/shares/supervised-mount.ts';
import { VirtiofsServers } from '../../native-helper/shares/virtiofs/virtiofs-server.ts';
import { Files } from '../../native-helper/store/files.ts';
import type { MountRecord } from '../../native-helper/store/instance-record.ts';
import { SharedFolder, someUser } from '../support/shared-folder.ts';

const instance = instanceName.parse('flooding');
const runner = new LocalProcessRunner();
const mostAtOnce = 4;

function mountOf(source: string, number: number, owner = someUser): MountRecord {
  return {
    id: number.toString(16).padStart(8, '0'),
    source,
    target: '/mnt/x',
    isReadOnly: false,
    type: 'sshfs',
    uidMaps: [],
    gidMaps: [],
    owner,
  };
}

/** The Nodes that are about to become a server of this folder. */
async function starting(source: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  ); // ended meanwhile
  return lines.filter((line) => line.includes('filtered-exec') && line.includes(source)).length;
}

it.each(['sshfs', '9p', 'virtiofs'] as const)(
  'who has many folders attached by %s at once has a few servers start, not as many',
  async (type) => {
    await using folder = await SharedFolder.create('many', someUser);
    const options = { runner, files: new Files(folder.beside('state'), folder.beside('run')), assetsDirectory };
    const signal = AbortSignal.timeout(110_000);
    const servers = new VirtiofsServers(options);
    const start = async (mount: MountRecord): Promise<{ stop(): Promise<void> }> => {
      if (type === 'virtiofs') return await servers.start(instance, mount, { uid: 1000, gid: 1000 }, signal);
      const choice =
        type === 'sshfs'
          ? await shareServerChoice(instance, mount)
          : await ninePServerChoice(instance, { mount, insideAs: { uid: 1000, gid: 1000 } });
      return await startPipedServer(options, choice, signal);
    };
    let most = 0;
    let isOver = false;
    const begun = Promise.all(
      Array.from({ length: 16 }, async (_, number) => await start(mountOf(folder.path, number))),
    ).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      most = Math.max(most, await starting(folder.path));
      await delay(5);
    }
    const all = await begun;
    await Promise.all(all.map((server) => server.stop()));
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(mostAtOnce);
  },
  120_000,
);

it('a mount whose folder is gone is tried at once by hand, however long it waits by itself', async () => {
  let attempts = 0;
  const mount = new SupervisedMount({
    record: () => mountOf('/gone', 1),
    isReachable: () => true,
    sweep: async () => undefined,
    changed: () => undefined,
    runner,
    log: pino({ level: 'silent' }),
    attach: async () => {
      attempts += 1;
      throw new HelperError('mount.source-denied', { uid: someUser.uid, path: '/gone', reason: 'No such file' });
    },
  });
  const signal = AbortSignal.timeout(10_000);
  try {
    await mount.settled(signal);
    for (let round = 0; round < 12; round += 1) await mount.reconnect(signal);
    expect(attempts).toBeGreaterThanOrEqual(13);
    expect(mount.summary()).toMatchObject({ state: 'not-connected', reason: { code: 'mount.source-denied' } });
  } finally {
    await mount.close(false);
  }
});
