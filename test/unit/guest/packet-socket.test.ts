// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { PacketSocket } from '../../../native-helper/guest/ssh-process/packet-socket.ts';

it('sends what is written in one turn as one, in order, and ends with all of it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = PacketSocket.to('127.0.0.1', (server.address() as AddressInfo).port);
  try {
    const [peer] = (await once(server, 'connection')) as [Socket];
    if (socket.connecting) await once(socket, 'connect');
    for (const packet of ['one two three', 'four five six']) {
      for (const part of packet.match(/\w+ ?/g) ?? []) socket.write(part);
      expect(socket.writableCorked).toBe(1);
      expect(String(((await once(peer, 'data')) as [Buffer])[0])).toBe(packet);
      expect(socket.writableCorked).toBe(0);
    }
    socket.write('the ');
    socket.end('last');
    let rest = '';
    peer.on('data', (chunk: Buffer) => {
      rest += String(chunk);
    });
    await once(peer, 'end');
    expect(rest).toBe('the last');
  } finally {
    socket.destroy();
    server.close();
  }
});
