// SPDX-License-Identifier: MIT
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NinePGuard } from '../../../native-helper/shares/9p/guard.ts';
import { message, number32, string, type } from '../../../native-helper/shares/9p/messages.ts';
import { ExpectedAnswers, mostOpen } from '../../../native-helper/shares/expected-answers.ts';
import { SftpGuard } from '../../../native-helper/shares/sshfs/sftp-guard.ts';
import { answerType, requestType } from '#contract/sftp.ts';
import { packet } from '../../../native-helper/shares/sshfs/sftp-packets.ts';

const turns = async (count = 20): Promise<void> => {
  for (let each = 0; each < count; each += 1) await turn();
};

it('hands out what is expected in turn, however it is pushed and taken', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 20 }), (steps) => {
      const expected = new ExpectedAnswers<number>();
      const model: number[] = [];
      let last = 0;
      for (const step of steps) {
        for (let each = 0; each < step; each += 1) {
          expected.push(last);
          model.push(last);
          last += 1;
        }
        for (let each = 0; each > step; each -= 1) expect(expected.take()).toBe(model.shift());
        expect(expected.size).toBe(model.length);
      }
    }),
    { numRuns: 30 },
  );
});

it('a guest that heaps small requests on its share is not heard before the server has answered', async () => {
  const guard = new SftpGuard();
  let passed = 0;
  guard.requests.on('data', (chunk: Buffer) => {
    passed += chunk.length;
  });
  guard.responses.resume();
  const close = packet(requestType.close, 1, Buffer.alloc(4));
  const perChunk = 500;
  const chunk = Buffer.concat(Array.from({ length: perChunk }, () => close));
  const chunks = 40;
  for (let each = 0; each < chunks; each += 1) guard.requests.write(chunk);
  await turns();
  const most = (mostOpen + perChunk) * close.length;
  expect(passed).toBeLessThanOrEqual(most);
  expect(passed).toBeGreaterThan(mostOpen * close.length);
  const status = packet(answerType.status, 1, Buffer.alloc(4), Buffer.alloc(8));
  for (let answered = 0; answered < chunks * perChunk; answered += 1) {
    guard.responses.write(status);
    if (answered % 500 === 0) await turns(3);
    expect(passed).toBeLessThanOrEqual(most + answered * close.length);
  }
  await turns();
  expect(passed).toBe(chunks * perChunk * close.length);
});

it('one that asks by 9p what is refused, and does not read, is not heard any more', async () => {
  const guard = new NinePGuard({ folder: '/share', user: 'user' });
  guard.responses.pause();
  guard.requests.resume();
  const refused = message(type.renameat, 1, number32(0), string('a'), number32(0), string('b'));
  const chunk = Buffer.concat(Array.from({ length: 2000 }, () => refused));
  for (let each = 0; each < 90; each += 1) guard.requests.write(chunk);
  await turns();
  const heaped = guard.responses.readableLength;
  expect(heaped).toBeLessThan(1024 * 1024 + 2000 * 20);
  guard.responses.resume();
  await turns(500);
  expect(guard.requests.writableLength).toBe(0);
});
