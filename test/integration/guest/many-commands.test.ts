// SPDX-License-Identifier: MIT
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import ssh2, { type Connection } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SshConnection } from '../../../native-helper/guest/ssh-connection.ts';
import { runInGuest } from '../../../native-helper/shares/guest-run.ts';
import { GuestShell } from '../../../native-helper/shares/guest-shell.ts';
import { localConnections } from '../../support/local-connections.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const key = ssh2.utils.parseKey(privateKey);
if (key instanceof Error) throw key;
const target = {
  address: '127.0.0.1',
  user: 'berth',
  hostKey: `ssh-rsa ${key.getPublicSSH().toString('base64')}`,
  privateKey,
};
const local = localConnections();
const connect = (signal: AbortSignal): Promise<SshConnection> => local.connect(target, signal);
const soon = (): AbortSignal => AbortSignal.timeout(20_000);

/** A guest whose every command succeeds at once. */
const connections = new Set<Connection>();
const guest = new ssh2.Server({ hostKeys: [privateKey] }, (connection) => {
  connections.add(connection);
  connection.on('error', () => undefined).on('close', () => connections.delete(connection));
  connection.on('authentication', (attempt) => attempt.accept());
  connection.on('session', (accept) =>
    accept().on('exec', (start) => {
      const channel = start();
      channel.exit(0);
      channel.end();
    }),
  );
});

beforeAll(async () => {
  guest.listen(22, '127.0.0.1');
  await once(guest, 'listening');
});
afterAll(async () => {
  guest.close();
  await local.close();
});

test('a connection that lives on keeps nothing of the commands that ran over it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const connection = await connect(soon());
  const run = async (): Promise<WeakRef<object>> => {
    const { channel, ended } = await connection.exec('true', soon());
    channel.resume().end();
    await ended;
    return new WeakRef(channel);
  };
  const channels: WeakRef<object>[] = [];
  for (let count = 0; count < 15; count += 1) channels.push(await run());
  for (let count = 0; count < 5; count += 1)
    expect(await runInGuest(connection, ['true'])).toMatchObject({ exitCode: 0 });
  await expect
    .poll(async () => {
      await turn();
      collect();
      return channels.filter((channel) => channel.deref() !== undefined).length;
    })
    .toBe(0);
  connection.close();
  await expect.poll(() => connections.size).toBe(0);
});

test('commands that begin at once share a connection in the end, and closing closes them all', async () => {
  const shell = new GuestShell(connect);
  await Promise.all(
    [1, 2, 3].map(async () => expect(await shell.run(['true'], soon())).toMatchObject({ exitCode: 0 })),
  );
  await expect.poll(() => connections.size).toBe(1);
  shell.close();
  await expect.poll(() => connections.size).toBe(0);
});

test('a connection that comes about after the closing is closed too', async () => {
  const shell = new GuestShell(connect);
  const late = shell.run(['true'], soon());
  shell.close();
  await expect(late).rejects.toMatchObject({ code: 'mount.lost' });
  await expect.poll(() => connections.size).toBe(0);
});
