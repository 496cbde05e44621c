// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { VirtiofsServers } from '../../../native-helper/shares/virtiofs/virtiofs-server.ts';
import type { MountRecord } from '../../../native-helper/store/instance-record.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';
import { assetsDirectory, createFixture, log, testTap } from './fixture.ts';

const signal = AbortSignal.timeout(120_000);
const ids = ['0badcaf1', '0badcaf2', '0badcaf3'];

test('file systems that are plugged in at once have a slot each, as the guest sees no second one in a slot', async () => {
  await using fixture = await createFixture();
  await using folder = await SharedFolder.create('shared', someUser);
  const spec = await fixture.machine('slots', { shareSlots: 4 });
  await using undo = new AsyncDisposableStack();
  const machine = await fixture.hypervisor.start(spec, testTap(spec.nic.tap), { signal, log, undo });
  undo.defer(() => fixture.hypervisor.cleanUp(spec));
  undo.defer(() => machine.kill());
  const servers = new VirtiofsServers({ runner: new LocalProcessRunner(), files: fixture.files, assetsDirectory });
  const directory = spec.qmpSocket.replace(/\/[^/]*$/, '');
  for (const id of ids) {
    const mount: MountRecord = { id, source: folder.path, target: '/mnt/x', isReadOnly: false, type: 'virtiofs', uidMaps: [], gidMaps: [], owner: someUser };
    const server = await servers.start(spec.instance, mount, { socketPath: `${directory}/share-${id}.sock`, insideAs: { uid: 1000, gid: 1000 } }, signal);
    undo.defer(() => server.stop());
  }
  const tags = await Promise.all(ids.map((id) => machine.plugShare({ id, tag: id, socket: `${directory}/share-${id}.sock` }, signal)));
  expect(tags).toEqual(['0badcaf1.0', '0badcaf2.1', '0badcaf3.2']);
  await machine.kill(); // with it the servers end by themselves
});
