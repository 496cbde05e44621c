// SPDX-License-Identifier: MIT
import { Duplex } from 'node:stream';
import { answerType, PacketReader, requestType, sftpString, statusCode, uint32 } from '../../client/sftp/packets.ts';

const folderMode = 0o040755;
const fileMode = 0o100644;
const permissions = uint32(4);

/**
 * What a guest could put in the place of its SFTP server: every path is a folder, and each folder
 * lists the names it is given, whatever they are.
 */
export function hostileSftp(names: readonly Buffer[]): Duplex {
  let hasListed = false;
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      for (const packet of packetsOf(chunk)) answer(packet);
      done();
    },
  });
  const send = (type: number, ...parts: readonly Buffer[]): void => {
    const body = Buffer.concat([Buffer.from([type]), ...parts]);
    stream.push(Buffer.concat([uint32(body.length), body]));
  };
  const answer = (packet: Buffer): void => {
    const type = packet.readUInt8(0);
    if (type === requestType.init) return send(answerType.version, uint32(3));
    const id = packet.subarray(1, 5);
    switch (type) {
      case requestType.stat:
      case requestType.lstat: return send(answerType.attributes, id, permissions, uint32(folderMode));
      case requestType.realpath: return send(answerType.name, id, uint32(1), sftpString(new PacketReader(packet.subarray(5)).string()), sftpString(''), uint32(0));
      case requestType.opendir: return send(answerType.handle, id, sftpString('h'));
      case requestType.readdir:
        if (hasListed) return send(answerType.status, id, uint32(statusCode.endOfFile));
        hasListed = true;
        return send(answerType.name, id, uint32(names.length), ...names.flatMap((name) => [sftpString(name), sftpString(''), permissions, uint32(fileMode)]));
      default: return send(answerType.status, id, uint32(statusCode.ok));
    }
  };
  return stream;
}

/** The client writes whole packets. */
function packetsOf(chunk: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < chunk.length; ) {
    const length = chunk.readUInt32BE(at);
    packets.push(chunk.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return packets;
}
