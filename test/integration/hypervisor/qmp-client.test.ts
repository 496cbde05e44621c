// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { QmpClient } from '../../../native-helper/hypervisor/qmp/client.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}\n';

let directory: string;
let server: Server;
let qemu: Socket;
let client: QmpClient;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-qmp-'));
  const socket = path.join(directory, 'qmp.sock');
  server = createServer((accepted) => {
    qemu = accepted;
    accepted.write(greeting);
    let held = '';
    accepted.setEncoding('utf8').on('data', (text: string) => {
      const lines = (held + text).split('\n');
      held = lines.pop() ?? '';
      for (const line of lines.filter((each) => each !== ''))
        accepted.write(`{"return": {}, "id": ${(JSON.parse(line) as { id: number }).id}}\n`);
    });
  }).listen(socket);
  await once(server, 'listening');
  client = await QmpClient.connect(connect(socket), () => undefined, AbortSignal.timeout(10_000));
});
afterEach(async () => {
  client.close();
  server.close();
  await rm(directory, { recursive: true });
});

/** More than fits between the two, and less than the client holds back. */
function manyCommands(signal: AbortSignal): Promise<unknown>[] {
  return Array.from({ length: 240 }, () => client.execute('closefd', signal, { fdname: 'x'.repeat(1_000) }));
}

test('a descriptor waits behind commands that QEMU has not read, and cuts none in two', async () => {
  const signal = AbortSignal.timeout(10_000);
  qemu.pause();
  const before = manyCommands(signal);
  const given = client.giveDescriptor('one', process.stdin.fd, signal);
  const after = client.execute('cont', signal);
  setTimeout(() => qemu.resume(), 100);
  await Promise.all([...before, given, after]);
});

test('who gives up waiting for room has nothing sent in his name later', async () => {
  qemu.pause();
  const before = manyCommands(AbortSignal.timeout(10_000));
  const given = client.giveDescriptor('one', process.stdin.fd, AbortSignal.timeout(50));
  await expect(given).rejects.toThrow();
  let read = '';
  qemu.on('data', (text: string) => {
    read += text;
  });
  qemu.resume();
  await Promise.all([...before, client.execute('cont', AbortSignal.timeout(10_000))]);
  expect(read).not.toContain('getfd');
});
