// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { NinePGuard } from '../../../native-helper/shares/9p/guard.ts';
import {
  message,
  messageReader,
  number32,
  number64,
  parseRequest,
  string,
  type,
} from '../../../native-helper/shares/9p/messages.ts';

const count = (value: number): Buffer => Buffer.from([value, 0]);
/** One of each that a mounted folder needs. */
const requests: readonly Buffer[] = [
  message(type.version, 1, number32(8192), string('9P2000.L')),
  message(type.attach, 2, number32(0), number32(1), string('root'), string('/etc'), number32(0)),
  message(type.walk, 3, number32(0), number32(1), count(2), string('a'), string('b')),
  message(type.lopen, 4, number32(1), number32(0)),
  message(type.lcreate, 5, number32(1), string('new'), number32(1), number32(0o644), number32(0)),
  message(type.symlink, 6, number32(0), string('l'), string('../..'), number32(0)),
  message(
    type.setattr,
    7,
    number32(1),
    number32(1),
    number32(0o600),
    number32(0),
    number32(0),
    ...[0n, 0n, 0n, 0n, 0n].map(number64),
  ),
  message(
    type.lock,
    8,
    number32(1),
    Buffer.from([1]),
    number32(0),
    number64(0n),
    number64(0n),
    number32(9),
    string('one'),
  ),
  message(type.renameat, 9, number32(0), string('a'), number32(0), string('b')),
  message(type.readdir, 10, number32(1), number64(0n), number32(4096)),
  message(type.flush, 11, count(3)),
  message(type.fsync, 12, number32(1), number32(0)),
];

/** What the guard lets through to the server, answers itself, or ends with. */
async function guarded(
  ...chunks: readonly Buffer[]
): Promise<{ readonly passed: Buffer; readonly answered: Buffer; readonly error: Error | undefined }> {
  const guard = new NinePGuard({ folder: '/share', user: 'user' });
  const seen = { passed: [] as Buffer[], answered: [] as Buffer[], error: undefined as Error | undefined };
  guard.requests
    .on('data', (chunk: Buffer) => seen.passed.push(chunk))
    .once('error', (error) => {
      seen.error = error;
    });
  guard.responses.on('data', (chunk: Buffer) => seen.answered.push(chunk));
  for (const chunk of chunks) guard.requests.write(chunk);
  guard.requests.end();
  await Promise.race([
    once(guard.requests, 'close'),
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
  ]).catch(() => undefined); // what it ended with is kept
  return { passed: Buffer.concat(seen.passed), answered: Buffer.concat(seen.answered), error: seen.error };
}

describe('messages of 9P', () => {
  it('are what their type says, to the byte', () => {
    for (const whole of requests) {
      expect(parseRequest(whole).type).toBe(whole[4]);
      for (let length = 7; length < whole.length; length += 1)
        expect(() => parseRequest(whole.subarray(0, length)), `${whole[4]} cut at ${length}`).toThrow();
      expect(() => parseRequest(Buffer.concat([whole, Buffer.alloc(1)]))).toThrow();
    }
  });

  it('are found however they are cut', () => {
    const stream = Buffer.concat([
      ...requests,
      message(type.write, 20, number32(1), number64(0n), number32(3), Buffer.from('abc')),
      ...requests,
    ]);
    for (const size of [1, 2, 3, 5, 7, 11, 64, stream.length]) {
      const reader = messageReader(65_536, (head) => head[4] !== type.write);
      const [found, passed] = [[] as Buffer[], [] as Buffer[]];
      for (let at = 0; at < stream.length; at += size) {
        reader.feed(stream.subarray(at, at + size));
        for (let each = reader.next(); ; each = reader.next()) {
          passed.push(each.passed);
          if (!each.message) break;
          found.push(each.message);
        }
      }
      expect(Buffer.concat(found)).toEqual(Buffer.concat([...requests, ...requests]));
      expect(Buffer.concat(passed)).toEqual(
        stream.subarray(Buffer.concat(requests).length, Buffer.concat(requests).length + 26),
      );
    }
  });
});

describe('the guard of a 9p share', () => {
  it("agrees on a version once: the fids that are open are the server's too", async () => {
    const [version = Buffer.alloc(0)] = requests;
    const { passed, answered } = await guarded(
      version,
      requests[11]!,
      message(type.version, 30, number32(4096), string('9P2000.L')),
    );
    expect(passed).toEqual(Buffer.concat([version, requests[11]!]));
    expect(answered).toEqual(message(type.lerror, 30, number32(1)));
  });

  it("attaches everybody to the folder as the server's user", async () => {
    const { passed } = await guarded(requests[1]!);
    expect(passed).toEqual(
      message(
        type.attach,
        2,
        number32(0),
        number32(0xffff_ffff),
        string('user'),
        string('/share'),
        number32(0xffff_ffff),
      ),
    );
  });

  it('lets single names pass, and refuses those that lead elsewhere', async () => {
    expect((await guarded(requests[2]!)).passed).toEqual(requests[2]);
    for (const name of ['..', '.', '', 'a/b', '/', '/etc', '../x', 'a\0b']) {
      const { passed, answered } = await guarded(
        message(type.walk, 3, number32(0), number32(1), count(2), string('a'), string(name)),
        message(type.mkdir, 4, number32(0), string(name), number32(0), number32(0)),
      );
      expect([name, passed.length]).toEqual([name, 0]);
      expect(answered).toEqual(Buffer.concat([3, 4].map((tag) => message(type.lerror, tag, number32(22)))));
    }
  });

  it("lets a link say what it wants: the guest's kernel resolves it", async () => {
    expect((await guarded(requests[5]!)).passed).toEqual(requests[5]);
  });

  it('asks what a file is before it is opened, and hears nothing of the guest meanwhile', async () => {
    const { passed, answered } = await guarded(requests[3]!, requests[9]!);
    expect(parseRequest(passed)).toMatchObject({ type: type.getattr, fid: 1, tag: 0xfffe });
    expect(answered).toHaveLength(0);
  });

  it('makes files that are new only, and never waits for who reads them', async () => {
    const { passed } = await guarded(requests[4]!);
    expect(passed.readUInt16LE(5)).toBe(0xfffe);
    expect(passed.readUInt32LE(7 + 4 + 5)).toBe(1 | 0o100 | 0o200 | 0o4000 | 0o400000);
  });

  it('ends with what is no request of a mounted folder', async () => {
    const bad = [
      message(112, 1, number32(0), Buffer.from([0])),
      message(126, 1, number32(0)),
      message(99, 1),
      message(type.lerror, 1, number32(5)),
      message(type.clunk + 1, 1),
      message(type.getattr, 0xfffe, number32(0), number64(1n)),
      message(type.flush, 1, Buffer.from([0xfe, 0xff])),
      message(type.clunk, 1),
      message(type.walk, 1, number32(0), number32(1), Buffer.from([0xff, 0xff])),
      message(type.write, 1, number32(0)),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([6, 0, 0, 0]),
      Buffer.from([1, 0, 1, 0]),
      Buffer.from([0xff, 0xff, 0xff, 0x7f]),
    ];
    for (const bytes of bad)
      expect([bytes.toString('hex'), (await guarded(bytes)).error]).toEqual([bytes.toString('hex'), expect.any(Error)]);
  });
});
