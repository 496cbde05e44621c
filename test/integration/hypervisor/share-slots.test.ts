// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { OwnDescriptor } from '../../../native-helper/core/own-descriptor.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { VirtiofsServers } from '../../../native-helper/shares/virtiofs/virtiofs-server.ts';
import type { MountRecord } from '../../../native-helper/store/instance-record.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';
import { assetsDirectory, createFixture, log, startMachine, testTaps } from './fixture.ts';

const signal = AbortSignal.timeout(120_000);
const ids = ['0badcaf1', '0badcaf2', '0badcaf3'];

test('file systems that are plugged in at once have a slot each, as the guest sees no second one in a slot', async () => {
  await using fixture = await createFixture();
  await using folder = await SharedFolder.create('shared', someUser);
  const spec = await fixture.machine('slots', { shareSlots: 4 });
  await using undo = new AsyncDisposableStack();
  const machine = await startMachine(fixture.hypervisor, spec, testTaps(spec), { signal, log, undo });
  undo.defer(() => fixture.hypervisor.cleanUp(spec));
  undo.defer(() => machine.kill());
  const servers = new VirtiofsServers({ runner: new LocalProcessRunner(), files: fixture.files, assetsDirectory });
  const connections: OwnDescriptor[] = [];
  for (const id of ids) {
    const mount: MountRecord = {
      id,
      source: folder.path,
      target: '/mnt/x',
      isReadOnly: false,
      type: 'virtiofs',
      uidMaps: [],
      gidMaps: [],
      owner: someUser,
    };
    const server = await servers.start(spec.instance, mount, { uid: 1000, gid: 1000 }, signal);
    connections.push(server.connection);
    undo.defer(() => server.stop());
  }
  const tags = await Promise.all(
    ids.map((id, index) => machine.plugShare({ id, tag: id, connection: connections[index] as OwnDescriptor }, signal)),
  );
  expect(tags).toEqual(['0badcaf1.0', '0badcaf2.1', '0badcaf3.2']);
  await machine.kill(); // with it the servers end by themselves
});
