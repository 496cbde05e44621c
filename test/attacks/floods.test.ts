// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { duplexPair } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { protocolVersion, socketNames } from '#contract/protocol.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { streamConsole } from '../../native-helper/console/console-stream.ts';
import { SerialPort } from '../../native-helper/console/serial-port.ts';
import type { RunningMachine } from '../../native-helper/core/seams/hypervisor.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { actingAs, connectAs, forMembers, max, mia, stranger, type Person } from '../support/people.ts';

const mebibyte = 1024 * 1024;
/** A third member. */
const tom: Person = { uid: 61_504, gid: mia.gid };

let helper: HelperProcess;
const open: (Socket | HelperConnection)[] = [];
beforeAll(async () => {
  helper = await startHelper({ args: [...forMembers, '--log-level', 'info'], seedImages: false });
});
afterEach(async () => {
  for (const each of open.splice(0)) {
    if ('destroy' in each) each.destroy();
    else each.close();
  }
  await expect
    .poll(
      async () => {
        const connection = await connectAs(mia, helper.runDirectory);
        connection.close();
        return true;
      },
      { timeout: 10_000 },
    )
    .toBe(true);
});
afterAll(async () => {
  await helper.stop();
});

/** A bare connection of that person's, which reads nothing. */
async function rawAs(person: Person, socketName: string = socketNames.rpc): Promise<Socket> {
  const socket = actingAs(person, () => connect({ path: path.join(helper.runDirectory, socketName) }));
  socket.on('error', () => undefined);
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

function frame(message: object): string {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const hello = frame({ id: 'hello', method: 'system.hello', params: { protocol: protocolVersion, client: 'flood' } });

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${helper.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}

/** A second at rest; where others take the processors, as much longer as they make everything. */
function longestWaitMs(): number {
  return 1000 * Math.max(1, (os.loadavg()[0] ?? 0) / os.availableParallelism());
}

async function isServed(person: Person): Promise<boolean> {
  const connection = await connectAs(person, helper.runDirectory);
  open.push(connection);
  return (await connection.request('system.info', {})).caller.uid === person.uid;
}

it('two members with all the connections that they get lock out neither root nor a third', async () => {
  for (const person of [mia, max])
    for (const name of [socketNames.rpc, socketNames.stream]) for (let i = 0; i < 70; i += 1) await rawAs(person, name);
  expect(await isServed(tom)).toBe(true);
  const root = await helper.connect();
  open.push(root);
  expect((await root.request('system.info', {})).caller.uid).toBe(0);
});

it('who has too many connections is told so', async () => {
  for (let i = 0; i < 64; i += 1) await rawAs(max);
  await expect(connectAs(max, helper.runDirectory)).rejects.toMatchObject({
    data: { code: 'quota.exceeded', params: { setting: 'max_connections', limit: 64 } },
  });
});

it("60 connections that ask and do not read cost their user's budget, and no more", async () => {
  const before = await residentBytes();
  const asked = Array.from({ length: 250 }, (_, id) => frame({ id, method: 'images.settings', params: {} })).join('');
  const doctor = Array.from({ length: 200 }, (_, id) =>
    frame({ id: `d${id}`, method: 'system.info', params: {} }),
  ).join('');
  for (let i = 0; i < 60; i += 1) {
    const socket = await rawAs(max);
    socket.pause();
    socket.write(hello);
    socket.write(asked + doctor);
  }
  const connected = performance.now();
  const connection = await connectAs(mia, helper.runDirectory);
  open.push(connection);
  await connection.request('instances.list', {});
  const answeredMs = performance.now() - connected;
  expect(answeredMs, 'connected, greeted and answered while the flood is worked off').toBeLessThan(longestWaitMs());
  expect((await residentBytes()) - before).toBeLessThan(120 * mebibyte);
});

it('messages that never end are kept within the budget, however small their pieces', async () => {
  const before = await residentBytes();
  for (let i = 0; i < 60; i += 1) {
    const socket = await rawAs(max);
    socket.write(`${hello}Content-Length: ${mebibyte}\r\n\r\n${'x'.repeat(900 * 1024)}`);
  }
  expect(await isServed(mia)).toBe(true);
  expect((await residentBytes()) - before).toBeLessThan(120 * mebibyte);
});

it('requests under way are counted over all connections of a user', async () => {
  const connections = [];
  for (let i = 0; i < 4; i += 1) {
    const connection = await connectAs(max, helper.runDirectory);
    open.push(connection);
    connections.push(connection);
  }
  const answers = await Promise.allSettled(
    connections.flatMap((connection) =>
      Array.from({ length: 250 }, async () => await connection.request('system.info', {})),
    ),
  );
  const codes = new Set(
    answers.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: string }).code] : [])),
  );
  expect([...codes].every((code) => code === 'quota.exceeded' || code === 'helper.busy')).toBe(true);
  expect(await isServed(max)).toBe(true);
});

it('the administrator decides how many, at the next connection', async () => {
  await mkdir(helper.configDirectory, { recursive: true, mode: 0o755 });
  await writeFile(path.join(helper.configDirectory, 'quotas.conf'), 'max_connections = 2\n', { mode: 0o644 });
  try {
    open.push(await connectAs(mia, helper.runDirectory)); // looks at the file
    open.push(await connectAs(max, helper.runDirectory), await connectAs(max, helper.runDirectory));
    await expect(connectAs(max, helper.runDirectory)).rejects.toMatchObject({ code: 'quota.exceeded' });
  } finally {
    await writeFile(path.join(helper.configDirectory, 'quotas.conf'), '', { mode: 0o644 });
    const root = await helper.connect();
    root.close();
  }
});

it('a stranger of the group learns nothing by asking often', async () => {
  await expect(connectAs(stranger, helper.runDirectory)).rejects.toMatchObject({ code: 'helper.unreachable' });
});

it('what is typed at a console that nobody reads waits with who types it', async () => {
  const [port, guest] = duplexPair(); // a guest that takes nothing
  guest.pause();
  const machine: Pick<RunningMachine, 'openSerial'> = { openSerial: async () => port };
  const serial = new SerialPort(machine as RunningMachine, pino({ level: 'silent' }));
  const [client, typist] = duplexPair();
  const record = {
    openLog: async () => ({ close: async () => undefined }),
    firstOffset: 0,
    endOffset: 0,
    isLive: true,
    read: async () => Buffer.alloc(0),
    once: () => undefined,
    on: () => undefined,
    off: () => undefined,
    removeListener: () => undefined,
  };
  void streamConsole(record as never, client, 0, {
    type: async (bytes) => await serial.type(bytes),
    onFailure: () => undefined,
  });
  let taken = 0;
  while (taken < 64 * mebibyte && typist.write(Buffer.alloc(64 * 1024))) {
    taken += 64 * 1024;
    await new Promise(setImmediate);
  }
  expect(taken).toBeLessThan(mebibyte);
});
