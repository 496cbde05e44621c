// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStat } from '../../../native-helper/process/proc-fs.ts';

const after = (state: string, startTicks: number): string =>
  `${state} 1 77 77 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 4 0 ${startTicks} 123456 789 18446744073709551615 1 1 0 0\n`;

describe('parseStat', () => {
  it('reads pid, state, parent and field 22', () => {
    expect(parseStat(`77 (dnsmasq) ${after('S', 4242)}`)).toEqual({
      pid: 77,
      state: 'S',
      parentPid: 1,
      startTicks: 4242,
    });
  });

  it('is not misled by any command name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.nat(), (name, ticks) => {
        expect(parseStat(`77 (${name}) ${after('Z', ticks)}`)).toMatchObject({
          pid: 77,
          state: 'Z',
          startTicks: ticks,
        });
      }),
    );
    expect(parseStat(`77 (a) S 1 2 (b\n) ${after('R', 9)}`)).toMatchObject({ state: 'R', startTicks: 9 });
  });

  it.each(['', '77', '77 (x', '77 (x) S 1', 'x (y) S 1 2 3'])('refuses the truncated %j', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});
