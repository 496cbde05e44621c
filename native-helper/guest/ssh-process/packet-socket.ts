// SPDX-License-Identifier: MIT
import { Socket } from 'node:net';

/** What may wait for a guest that does not read: the library asks nobody whether there is room. */
const mostUnsentBytes = 8 * 1024 * 1024;

/**
 * A connection on which what is written in one turn leaves together. SSH writes a packet in three parts (length,
 * content, check); with TCP_NODELAY each would be a segment of its own, for which the guest's processor is woken. It
 * ends when the guest does not take what it is sent.
 */
export class PacketSocket extends Socket {
  static to(host: string, port: number): PacketSocket {
    const socket = new PacketSocket();
    socket.setNoDelay(true); // each key press and each answer is a packet of its own
    socket.connect(port, host);
    Reflect.deleteProperty(socket, 'write'); // connect() puts that of net.Socket before ours
    return socket;
  }

  override write(chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean {
    if (this.writableCorked === 0) {
      this.cork();
      process.nextTick(() => this.uncork());
    }
    const hasRoom = super.write(chunk, ...(rest as [never]));
    if (this.writableLength > mostUnsentBytes) this.destroy(new Error('the guest does not read what it is sent'));
    return hasRoom;
  }
}
