// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCommand, QmpDecoder } from '../../../native-helper/hypervisor/qmp/codec.ts';
import { ReadBudget } from '../../../native-helper/hypervisor/qmp/read-budget.ts';
import { machineEvent } from '../../../native-helper/hypervisor/qmp/events.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}\r\n';
const answer = '{"return": {}, "id": 1}\r\n';
const refusal = '{"id": 2, "error": {"class": "GenericError", "desc": "no such thing"}}\r\n';
const event =
  '{"timestamp": {"seconds": 1700000000, "microseconds": 250000}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\r\n';
const stream = greeting + answer + refusal + event;

describe('QmpDecoder', () => {
  it('tells the kinds of messages apart', () => {
    expect(new QmpDecoder().push(stream).map((message) => message.kind)).toEqual([
      'greeting',
      'success',
      'failure',
      'event',
    ]);
  });

  it('gives the same whatever the cuts', () => {
    const whole = new QmpDecoder().push(stream);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const decoder = new QmpDecoder();
        expect(edges.slice(1).flatMap((edge, index) => decoder.push(stream.slice(edges[index], edge)))).toEqual(whole);
      }),
    );
  });

  it('skips garbage and goes on', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('\n')),
        (garbage) => {
          const decoder = new QmpDecoder();
          expect(decoder.push(`${garbage}\n`).length).toBe(0);
          expect(decoder.push(answer)).toEqual([{ kind: 'success', id: 1, value: {} }]);
        },
      ),
    );
    expect(new QmpDecoder().push('{"return": 1}\n[]\nnull\n{"event": 3}\n')).toEqual([]);
  });

  it('skips a line that is too long without keeping it', () => {
    const decoder = new QmpDecoder();
    for (let i = 0; i < 9; i += 1) expect(decoder.push('x'.repeat(1024 ** 2))).toEqual([]);
    expect(decoder.push(`\n${answer}`)).toHaveLength(1);
  });
});

it('writes one line per command', () => {
  expect(encodeCommand(7, 'cont', undefined)).toBe('{"execute":"cont","id":7}\n');
  expect(encodeCommand(8, 'x', { path: 'a\nb' }).split('\n')).toHaveLength(2);
});

it("passes over what is too deep or too much to be QEMU's", () => {
  const message = (value: string): string => `{"return": ${value}, "id": 1}\n`;
  const kinds = (line: string): string[] => new QmpDecoder().push(line).map(({ kind }) => kind);
  expect(kinds(message('[[[[{"name": "x"}]]]]'))).toEqual(['success']);
  expect(kinds(message('['.repeat(20_000) + ']'.repeat(20_000)))).toEqual([]);
  expect(kinds(message(`[${'1,'.repeat(5_000)}1]`))).toEqual([]);
  expect(kinds(`{"error": {"class": "x", "desc": "\\u001b[2J${'y'.repeat(5_000)}"}, "id": 1}\n`)).toEqual(['failure']);
});

describe('ReadBudget', () => {
  it('lets QEMU speak at any pace it has in earnest', () => {
    const budget = new ReadBudget(0);
    expect(budget.spend(0, { bytes: 1_000_000, unasked: 400 })).toBe(0);
    for (let second = 1; second <= 100; second += 1) {
      expect(budget.spend(second * 1000, { bytes: 60_000, unasked: 20 })).toBe(0);
    }
  });

  it('has one that floods wait, however it does', () => {
    for (const flood of [
      { bytes: 64 * 1024, unasked: 0 },
      { bytes: 0, unasked: 100 },
    ]) {
      const budget = new ReadBudget(0);
      let nowMs = 0;
      for (let reads = 0; reads < 1_000; reads += 1) nowMs += budget.spend(nowMs, flood);
      expect(nowMs).toBeGreaterThan(900_000);
    }
  });
});

describe('machineEvent', () => {
  const at = { seconds: 1700000000, microseconds: 250000 };

  it("says who shut the guest down and when by QEMU's clock", () => {
    expect(machineEvent({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' }, timestamp: at })).toEqual(
      { kind: 'shutdown', byGuest: true, reason: 'guest-shutdown', at: new Date(1700000000250) },
    );
  });

  it.each([
    ['RESET', 'reset'],
    ['STOP', 'stop'],
    ['RESUME', 'resume'],
    ['POWERDOWN', 'powerdown'],
    ['GUEST_PANICKED', 'guest-panicked'],
  ])('knows %s', (name, kind) => {
    expect(machineEvent({ event: name, data: {}, timestamp: at })).toMatchObject({ kind });
  });

  it('believes no time that is none, and no name that is long', () => {
    const odd = machineEvent({
      event: 'SHUTDOWN',
      data: { reason: 'x'.repeat(10_000) },
      timestamp: { seconds: 9e15, microseconds: 0 },
    });
    expect(odd).toMatchObject({ reason: 'unknown' });
    expect(odd?.at.getTime()).toBeGreaterThan(0);
  });

  it('passes over what nobody acts on', () => {
    expect(machineEvent({ event: 'RTC_CHANGE', data: {}, timestamp: at })).toBeUndefined();
  });
});
