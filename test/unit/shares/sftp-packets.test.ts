// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packet, packetReader } from '../../../native-helper/shares/sshfs/sftp-packets.ts';

const wantedType = 3;
const anyPacket = fc
  .record({ isWanted: fc.boolean(), id: fc.nat(), body: fc.uint8Array({ maxLength: 300 }) })
  .map(({ isWanted, id, body }) => packet(isWanted ? wantedType : 6, id, Buffer.from(body)));

test('however the stream is cut, packets come whole or pass, in order and complete', () => {
  fc.assert(
    fc.property(
      fc.array(anyPacket, { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      (packets, cuts) => {
        const stream = Buffer.concat(packets);
        let asked = 0;
        const reader = packetReader((type) => {
          asked += 1;
          return type === wantedType;
        });
        const wanted: Buffer[] = [];
        const all: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          reader.feed(Buffer.from(stream.subarray(at, at + size)));
          at += size;
          for (let each = reader.next(); ; each = reader.next()) {
            all.push(Buffer.from(each.passed));
            if (!each.message) break;
            wanted.push(Buffer.from(each.message));
            all.push(Buffer.from(each.message));
          }
        }
        expect(Buffer.concat(all).equals(stream)).toBe(true);
        expect(wanted).toEqual(packets.filter((each) => each.readUInt8(4) === wantedType));
        expect(asked).toBe(packets.length);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([[0], [256 * 1024 + 1], [0xffff_ffff]])('a length of %i is no packet', (length) => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length);
  const reader = packetReader(() => false);
  reader.feed(head);
  expect(() => reader.next()).toThrow();
});
