// SPDX-License-Identifier: MIT Serves folders and starts machines by the product's own code, in the profile that it is
// started in: one order a line on stdin, one answer a line on stdout. What a helper does around that needs a guest that
// answers, which takes long here.
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import type { InstanceName } from '#contract/names.ts';
import { englishOf } from '../../../../native-helper/core/said-error.ts';
import { HostSecurity } from '../../../../native-helper/confinement/host-security.ts';
import { messageOf } from '../../../../native-helper/core/errors.ts';
import type { RunningMachine } from '../../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import { QemuHypervisor } from '../../../../native-helper/hypervisor/qemu/driver.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { NinePServers } from '../../../../native-helper/shares/9p/nine-p-server.ts';
import type { PipedServer } from '../../../../native-helper/shares/piped-server.ts';
import { ShareServers } from '../../../../native-helper/shares/sshfs/share-server.ts';
import { VirtiofsServers, type VirtiofsServer } from '../../../../native-helper/shares/virtiofs/virtiofs-server.ts';
import { Files } from '../../../../native-helper/store/files.ts';
import type { MountRecord } from '../../../../native-helper/store/instance-record.ts';
import { assetsDirectory, log, startMachine, testTaps } from '../../../integration/hypervisor/fixture.ts';
import type { Orders } from './keeper.ts';

const root = process.argv[2] ?? '';
const files = new Files(`${root}/state`, `${root}/run`);
const parts = { runner: new LocalProcessRunner(), files, assetsDirectory };
const hypervisor = new QemuHypervisor({
  ...parts,
  hostSecurity: new HostSecurity(`${root}/config`),
  log,
  accelerator: 'tcg',
});
const signal = AbortSignal.timeout(600_000);
const served = new Map<string, { readonly server: PipedServer | VirtiofsServer; readonly door?: Server }>();
let machine: { readonly spec: MachineSpec; readonly running: RunningMachine } | undefined;

const orders: Orders = {
  'serve-sftp': async ({ instance, mount }) => {
    const server = await new ShareServers(parts).start(instance as InstanceName, mount as MountRecord, signal);
    const socket = `${files.runDirectory}/${mount.id}.sock`;
    const door = createServer((client) => {
      client.on('error', () => undefined); // whoever asks has gone
      client.pipe(server.stdin);
      server.stdout.pipe(client);
    }).listen(socket);
    served.set(mount.id, { server, door });
    return { socket };
  },
  'serve-9p': async ({ instance, mount, insideAs }) => {
    served.set(mount.id, {
      server: await new NinePServers(parts).start(
        instance as InstanceName,
        { mount: mount as MountRecord, insideAs },
        signal,
      ),
    });
    return {};
  },
  'start-machine': async ({ spec }) => {
    const running = await startMachine(hypervisor, spec, testTaps(spec), {
      signal,
      log,
      undo: new AsyncDisposableStack(),
    });
    machine = { spec, running };
    return { pid: running.process.pid };
  },
  'serve-virtiofs': async ({ instance, mount, insideAs }) => {
    const server = await new VirtiofsServers(parts).start(
      instance as InstanceName,
      mount as MountRecord,
      insideAs,
      signal,
    );
    served.set(mount.id, { server });
    return { tag: await running().plugShare({ id: mount.id, tag: 'lab', connection: server.connection }, signal) };
  },
  'open-port': async ({ id }) => {
    const port = await running().openPort(`berth-${id}`, signal);
    await port.close();
    return { name: port.name };
  },
  'await-end': async ({ id }) => ({ reason: englishOf(await serverOf(id).ended) }),
  stop: async ({ id }) => {
    served.get(id)?.door?.close();
    await serverOf(id).stop();
    return {};
  },
  'end-machine': async () => {
    await machine?.running.kill();
    if (machine) await hypervisor.cleanUp(machine.spec);
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, order, params } = JSON.parse(line) as {
    readonly id: number;
    readonly order: keyof Orders;
    readonly params: never;
  };
  void orders[order](params)
    .then(
      (result) => ({ id, result }),
      (error: unknown) => ({ id, error: messageOf(error) }),
    )
    .then((answer) => process.stdout.write(`${JSON.stringify(answer)}\n`));
}
process.exit(0);

function running(): RunningMachine {
  if (!machine) throw new Error('no machine');
  return machine.running;
}

function serverOf(id: string): PipedServer | VirtiofsServer {
  const found = served.get(id)?.server;
  if (!found) throw new Error(`nothing is served as ${id}`);
  return found;
}
