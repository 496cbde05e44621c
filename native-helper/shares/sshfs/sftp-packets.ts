// SPDX-License-Identifier: MIT
import { requestType } from '#contract/sftp.ts';
import { FrameReader } from '../frame-reader.ts';

/** What sftp-server takes at most (SFTP_MAX_MSG_LENGTH); it ends at more. */
const longestPacket = 256 * 1024;
const headBytes = 5;

/** Whether the server answers a request of this type, as it does each known one, once and in turn. */
export function isAnswered(type: number): boolean {
  return (
    type === requestType.init ||
    type === requestType.extended ||
    (type >= requestType.open && type <= requestType.symlink)
  );
}

/** SFTP's packets; `isWanted` is asked by their type. */
export function packetReader(isWanted: (type: number) => boolean): FrameReader {
  return new FrameReader({ headBytes, lengthOf }, (head) => isWanted(head.readUInt8(4)));
}

function lengthOf(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0);
  if (length < 1 || length > longestPacket) throw new Error(`an SFTP packet of ${length} bytes`);
  return 4 + length;
}

export function packet(type: number, id: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, ...parts]);
}

/**
 * The string that begins at an offset, with its length before it, as it stands in the packet. @throws RangeError where
 * it is cut short
 */
export function stringAt(bytes: Buffer, at: number): Buffer {
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new RangeError('a string is longer than its packet');
  return bytes.subarray(at, end);
}
