// SPDX-License-Identifier: MIT
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import ssh2, { type Client, type ClientChannel, type ServerChannel } from 'ssh2';

/**
 * What the SSH process uses of the library and the library does not promise: guest-connection.ts, carry-channel.ts and
 * channel.ts reach into these. Another version that has them no more, or lets them mean something else, fails here.
 */
interface Members {
  readonly incoming: { readonly window: number };
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _client: {
    readonly _remoteVer: string;
    readonly _protocol: { signal(id: number, name: string): void };
  };
}

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
let server: ssh2.Server;
let client: Client;
let channel: ClientChannel & Members;
let guest: ServerChannel;
let signalled: PromiseWithResolvers<string>;

beforeEach(async () => {
  signalled = Promise.withResolvers();
  const taken = Promise.withResolvers<ServerChannel>();
  server = new ssh2.Server({ hostKeys: [privateKey], ident: 'guest_1.0' }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', (asked) => asked.accept());
    connection.on('session', (accept) =>
      accept()
        .on('signal', (_accept, _reject, { name }) => signalled.resolve(name))
        .on('exec', (acceptExec) => taken.resolve(acceptExec())),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new ssh2.Client();
  const ready = Promise.withResolvers<void>();
  client.once('ready', ready.resolve).once('error', ready.reject);
  const { port } = server.address() as AddressInfo;
  client.connect({ host: '127.0.0.1', port, username: 'berth', password: 'any' });
  await ready.promise;
  channel = await new Promise((resolve, reject) => {
    client.exec('any', (error, opened) => (error ? reject(error) : resolve(opened as ClientChannel & Members)));
  });
  guest = await taken.promise;
});
afterEach(() => {
  client.destroy();
  server.close();
});

it('client._remoteVer is what the server calls itself', () => {
  expect((client as unknown as Members['_client'])._remoteVer).toBe('guest_1.0');
  expect(channel._client).toBe(client);
});

it('channel.incoming.window goes down by what the guest sends', async () => {
  const before = channel.incoming.window;
  expect(before).toBeGreaterThan(0);
  const came = new Promise((resolve) => {
    channel.once('data', resolve);
  });
  guest.write('ten bytes.');
  await came;
  expect(channel.incoming.window).toBe(before - 10);
});

it('channel.outgoing names the channel, by which _client._protocol.signal reaches the guest', async () => {
  channel._client._protocol.signal(channel.outgoing.id, 'HUP');
  expect(await signalled.promise).toBe('HUP');
});

it('channel.outgoing.state is open, and eof once its input has ended', async () => {
  expect(channel.outgoing.state).toBe('open');
  channel.end();
  await expect.poll(() => channel.outgoing.state).toBe('eof');
});

it('channel.push and channel.stderr.push take what the guest sends', async () => {
  const pushed: string[] = [];
  const both = Promise.withResolvers<void>();
  for (const stream of [channel, channel.stderr]) {
    stream.push = (chunk: unknown) => {
      pushed.push(String(chunk));
      if (pushed.length === 2) both.resolve();
      return false;
    };
  }
  guest.write('out');
  guest.stderr.write('err');
  await both.promise;
  expect(pushed.toSorted()).toEqual(['err', 'out']);
});
