// SPDX-License-Identifier: MIT
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { localConnections } from '../../support/local-connections.ts';

/** A guest that is going: its port answers, and breaks off. An error that nobody listens for would end the helper. */
const target = {
  address: '127.0.0.1',
  user: 'berth',
  hostKey: 'ssh-ed25519 AAAA',
  privateKey: generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey,
};
const local = localConnections();
const uncaught: unknown[] = [];
const listen = (error: unknown): void => {
  uncaught.push(error);
};

afterAll(async () => {
  await local.close();
});
afterEach(() => {
  process.off('uncaughtException', listen);
});

test.each([
  [
    'before a word',
    (socket: Socket) => {
      socket.resetAndDestroy();
    },
  ],
  [
    'after its greeting',
    (socket: Socket) => {
      socket.write('SSH-2.0-guest\r\n', () => socket.resetAndDestroy());
    },
  ],
])('a connection that breaks %s is refused, once and for all', async (_, answer) => {
  process.on('uncaughtException', listen);
  const server = createServer((socket) => answer(socket.on('error', () => undefined))).listen(22, '127.0.0.1');
  await once(server, 'listening');
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await expect(local.connect(target, AbortSignal.timeout(20_000))).rejects.toMatchObject({
      code: 'guest.ssh-failed',
    });
  }
  server.close();
  await once(server, 'close');
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(uncaught).toEqual([]);
});
