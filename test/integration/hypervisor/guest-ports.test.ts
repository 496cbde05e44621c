// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { GuestPort, MachineEvent } from '../../../native-helper/core/seams/hypervisor.ts';
import { closePorts, openPort, portArguments } from '../../../native-helper/hypervisor/qemu/guest-ports.ts';
import { whenListening } from '../../../native-helper/hypervisor/qemu/wait-for-socket.ts';
import { QmpClient } from '../../../native-helper/hypervisor/qmp/client.ts';
import type { QmpCommand } from '../../../native-helper/hypervisor/qmp/commands.ts';
import { machineEvent } from '../../../native-helper/hypervisor/qmp/events.ts';
import { signalProcess } from '../../support/signal-process.ts';

/** A QEMU without a guest: what is plugged in and out of it needs none. */
let machine: ChildProcess;
let qmp: QmpClient;
let directory: string;
let descriptors: { readonly machine: number; readonly own: number };
const listeners = new Set<(event: MachineEvent) => void>();
const patient = (): AbortSignal => AbortSignal.timeout(60_000);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-ports-'));
  const socket = path.join(directory, 'qmp.sock');
  machine = spawn(
    'qemu-system-x86_64',
    [
      '-machine',
      'q35,accel=tcg',
      '-m',
      '64',
      '-nodefaults',
      '-display',
      'none',
      '-S',
      '-qmp',
      `unix:${socket},server=on,wait=off`,
      ...portArguments(),
    ],
    { stdio: 'inherit' },
  );
  const door = await whenListening(
    patient(),
    async () => {
      const tried = connect(socket);
      await once(tried, 'connect');
      return tried;
    },
    () => true,
  );
  qmp = await QmpClient.connect(
    door,
    (event) => {
      const known = machineEvent(event);
      if (known) for (const listener of listeners) listener(known);
    },
    patient(),
  );
  descriptors = await openDescriptors();
});
afterAll(async () => {
  qmp?.close();
  const exited = once(machine, 'exit');
  machine.kill('SIGKILL');
  await exited;
  await rm(directory, { recursive: true, force: true });
});
afterEach(async () => {
  expect(await left()).toEqual({ devices: [], chardevs: [] });
  expect(listeners.size).toBe(0);
  await expect.poll(openDescriptors).toEqual(descriptors);
});

function control(client: QmpClient = qmp): Parameters<typeof openPort>[0] {
  return {
    qmp: client,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function open(name = 'berth-a', client = qmp, signal = patient()): Promise<GuestPort> {
  return await openPort(control(client), name, signal);
}

async function left(): Promise<{ devices: string[]; chardevs: string[] }> {
  const named = async (folder: string): Promise<string[]> =>
    (await qmp.execute('qom-list', patient(), { path: folder }))
      .map(({ name }) => name)
      .filter((name) => name.startsWith('port-'));
  return { devices: await named('/machine/peripheral'), chardevs: await named('/chardevs') };
}

async function openDescriptors(): Promise<typeof descriptors> {
  return {
    machine: (await readdir(`/proc/${machine.pid ?? 0}/fd`)).length,
    own: (await readdir('/proc/self/fd')).length,
  };
}

/** Calls back in the moment after a command was sent, before its answer. */
function sendingCallsBack(sent: (command: QmpCommand) => void): QmpClient {
  return {
    execute: (command: QmpCommand, ...rest: [AbortSignal, Record<string, unknown>?]) => {
      const answer = qmp.execute(command, ...rest);
      sent(command);
      return answer;
    },
    giveDescriptor: (...given: Parameters<QmpClient['giveDescriptor']>) => {
      const answer = qmp.giveDescriptor(...given);
      sent('getfd');
      return answer;
    },
  } as unknown as QmpClient;
}

test('fifty openings leave nothing behind, and each is another port', async () => {
  const names = new Set<string>();
  for (let count = 0; count < 50; count += 1) {
    const port = await open();
    names.add(port.name);
    await port.close();
  }
  expect(names.size).toBe(50);
});

test.each(['qom-list', 'getfd', 'chardev-add', 'device_add'] as const)(
  'given up while %s is under way, nothing of it stays',
  async (given) => {
    const over = new AbortController();
    await expect(
      open(
        'berth-a',
        sendingCallsBack((command) => {
          if (command === given) over.abort();
        }),
        over.signal,
      ),
    ).rejects.toThrow('aborted');
  },
);

test('what a helper left that died at it, whole or half, is replaced or taken out', async () => {
  const leave = async (): Promise<void> => {
    await qmp.execute('chardev-add', patient(), { id: 'port-berth-a-1-socket', backend: { type: 'null', data: {} } });
    (await open('berth-b')).stream.destroy();
    listeners.clear();
  };
  await leave();
  for (const name of ['berth-a', 'berth-b']) {
    const port = await open(name);
    expect((await left()).devices.filter((each) => each.startsWith(`port-${name}`))).toEqual([`port-${port.name}`]);
    await port.close();
  }
  await leave();
  for (const name of ['berth-a', 'berth-b']) await closePorts(control(), name, patient());
});

test('the thirty-first is refused with the reason, and the others serve on', async () => {
  const ports: GuestPort[] = [];
  for (let count = 0; count < 30; count += 1) ports.push(await open(`berth-${count}`));
  await expect(open('berth-too-many')).rejects.toMatchObject({
    code: 'hypervisor.control-failed',
    params: { reason: expect.stringContaining('max. allowed: 30') as string },
  });
  expect((await left()).devices).toHaveLength(30);
  await ports.pop()?.close();
  ports.push(await open('berth-too-many'));
  for (const port of ports) await port.close();
});

test('a machine that hangs has let go of it when it goes on, and what is left of it goes with the next', async () => {
  const port = await open();
  const gone = new Promise<void>((resolve) => {
    const stop = control().onEvent((event) => {
      if (event.kind !== 'device-deleted' || event.device !== `port-${port.name}`) return;
      stop();
      resolve();
    });
  });
  signalProcess(machine.pid, 'SIGSTOP');
  try {
    await port.close();
  } finally {
    signalProcess(machine.pid, 'SIGCONT');
  }
  await gone;
  await (await open()).close();
});
