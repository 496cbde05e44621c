// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenForPeer } from '../../../native-helper/process/listen-for-peer.ts';

let directory: string;
let socketPath: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-peer-'));
  socketPath = path.join(directory, 'share-0badcafe.sock');
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('the process that is waited for is given the connection, and whoever else is there first is turned away', async () => {
  const awaited = spawn(process.execPath, ['-e', `
    process.stdin.once('data', () => require('net').connect(${JSON.stringify(socketPath)}).on('data', (said) => process.stdout.write(said)).write('from the awaited'));
  `], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const listener = await listenForPeer(socketPath, awaited.pid ?? 0);
    const stranger = connect(socketPath).on('error', () => undefined); // that it is cut off is what is waited for
    const turnedAway = new Promise((resolve) => { stranger.once('close', resolve); });
    stranger.write('from a stranger');
    await turnedAway;

    awaited.stdin.write('go');
    const socket = await listener.connected;
    expect(String((await once(socket, 'data'))[0])).toBe('from the awaited');
    await listener.close();
    await expect(access(socketPath)).rejects.toThrow('ENOENT');
    socket.write('still here');
    expect(String((await once(awaited.stdout, 'data'))[0])).toBe('still here');
    socket.destroy();
  } finally {
    awaited.kill();
  }
});

test('it takes the place of what an earlier one left, and nobody is let in by name after the end', async () => {
  await writeFile(socketPath, 'left');
  const listener = await listenForPeer(socketPath, process.pid);
  const mine = connect(socketPath);
  await once(mine, 'connect');
  const socket = await listener.connected;
  await listener.close();
  await expect(once(connect(socketPath), 'connect')).rejects.toThrow('ENOENT');
  mine.destroy();
  socket.destroy();
});

test('a path that no socket fits is refused by name', async () => {
  await expect(listenForPeer(path.join(directory, 'x'.repeat(120)), process.pid)).rejects.toThrow('is too long');
});
