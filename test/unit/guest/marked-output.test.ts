// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { MarkedOutput } from '../../../native-helper/guest/marked-output.ts';

const mark = 'berth-0123456789abcdef ';

async function through(...chunks: readonly string[]): Promise<{ passed: string; number: number | undefined }> {
  const output = new MarkedOutput(mark);
  const passed = text(output);
  for (const chunk of chunks) output.write(chunk);
  output.end();
  return { passed: await passed, number: await output.number };
}

test('the line is taken out wherever it stands, and however it comes', async () => {
  expect(await through(`${mark}42\n`)).toEqual({ passed: '', number: 42 });
  expect(await through(`profile says b\n${mark}42\nwrong\n`)).toEqual({
    passed: 'profile says b\nwrong\n',
    number: 42,
  });
  const whole = `berth-0123 be\n${mark}4194304\nrest of it ${mark}7\n`;
  for (let at = 1; at < whole.length; at += 1)
    expect(await through(whole.slice(0, at), whole.slice(at))).toEqual({
      passed: `berth-0123 be\nrest of it ${mark}7\n`,
      number: 4_194_304,
    });
  expect(await through(...whole.split(''))).toEqual({
    passed: `berth-0123 be\nrest of it ${mark}7\n`,
    number: 4_194_304,
  });
});

test('what only looks like it passes whole', async () => {
  for (const other of [
    '',
    'x',
    'berth-',
    mark,
    `${mark}x\n`,
    `${mark}0\n`,
    `${mark}-1\n`,
    `${mark}12345678901234567890\n`,
    `${mark}1x`,
    mark.repeat(3),
  ]) {
    expect(await through(other)).toEqual({ passed: other, number: undefined });
    expect(await through(...other.split(''), 'behind')).toMatchObject({ passed: `${other}behind` });
  }
});

test('nothing is held back that cannot become the line', async () => {
  const output = new MarkedOutput(mark);
  output.write('a prompt: ');
  expect(String(output.read())).toBe('a prompt: ');
  output.destroy();
  expect(await output.number).toBeUndefined();
});
