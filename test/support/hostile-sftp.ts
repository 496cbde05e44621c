// SPDX-License-Identifier: MIT
import { Duplex } from 'node:stream';
import { answerType, requestType, statusCode } from '#contract/sftp.ts';
import { PacketReader, sftpString, uint32, uint64 } from '../../client/sftp/packets.ts';

const folderMode = 0o040755;
const fileMode = 0o100644;
const permissions = uint32(4);

interface Listed {
  readonly name: string | Buffer;
  /** As `ls -l` would print it. */
  readonly longName?: string;
  readonly mode?: number;
}

interface Lies {
  /** What the server calls every path that it is asked for; the path itself by default. */
  readonly realPath?: string;
  /** What is in each file. */
  readonly content?: string;
  /** Called when a file is opened to be read. */
  readonly onOpen?: () => void;
  /** What each path is, with its type. */
  readonly mode?: number;
  /** The `turn`-th answer to who reads a folder, from 0; undefined is its end. */
  readonly list?: (turn: number) => readonly Listed[] | undefined;
}

/**
 * What a guest could put in the place of its SFTP server: every path is a folder, and the first folder that is looked
 * into lists the names it is given, whatever they are.
 */
export function hostileSftp(names: readonly Buffer[], lies: Lies = {}): Duplex {
  const { realPath, content = '', onOpen = () => undefined, mode = folderMode } = lies;
  let hasListed = false;
  const turns: number[] = [];
  const listOnce = (): readonly Listed[] | undefined => {
    if (hasListed) return undefined;
    hasListed = true;
    return names.map((name) => ({ name }));
  };
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
      case requestType.lstat:
        return send(answerType.attributes, id, permissions, uint32(mode));
      case requestType.realpath:
        return send(
          answerType.name,
          id,
          uint32(1),
          sftpString(realPath ?? new PacketReader(packet.subarray(5)).string()),
          sftpString(''),
          uint32(0),
        );
      case requestType.open:
        onOpen();
        return send(answerType.handle, id, sftpString('f'));
      case requestType.fstat:
        return send(answerType.attributes, id, uint32(1), uint64(content.length));
      case requestType.read:
        return send(answerType.data, id, sftpString(content));
      case requestType.opendir:
        return send(answerType.handle, id, sftpString(uint32(turns.push(0) - 1)));
      case requestType.readdir: {
        const handle = packet.readUInt32BE(9);
        const turn = turns[handle]!;
        turns[handle] = turn + 1;
        const listed = lies.list === undefined ? listOnce() : lies.list(turn);
        if (listed === undefined) return send(answerType.status, id, uint32(statusCode.endOfFile));
        return send(
          answerType.name,
          id,
          uint32(listed.length),
          ...listed.flatMap((each) => [
            sftpString(each.name),
            sftpString(each.longName ?? ''),
            permissions,
            uint32(each.mode ?? fileMode),
          ]),
        );
      }
      default:
        return send(answerType.status, id, uint32(statusCode.ok));
    }
  };
  return stream;
}

/** The client writes whole packets. */
function packetsOf(chunk: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < chunk.length;) {
    const length = chunk.readUInt32BE(at);
    packets.push(chunk.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return packets;
}
