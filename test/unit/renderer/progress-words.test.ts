// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { mebibyte } from '../../../contract/units.ts';
import { amountWords, stepWords } from '../../../renderer/lib/progress-words.ts';

test.each([
  [
    {
      step: 'download',
      bytes: 8 * mebibyte,
      totalBytes: 139 * mebibyte,
      bytesPerSecond: 11 * mebibyte,
      secondsLeft: 12,
    },
    'Downloading the image',
    '8 MiB of 139 MiB · 11 MiB/s · 12 s left',
  ],
  [{ step: 'download', bytes: mebibyte, secondsLeft: 185 }, 'Downloading the image', '1 MiB · 3 min 5 s left'],
  [{ step: 'convert', fraction: 0.5 }, 'Converting the image', ''],
  [{ step: 'a step of the helper' }, 'a step of the helper', ''],
  [undefined, 'Waiting', ''],
])('%j', (progress, step, amount) => {
  expect([stepWords(progress), amountWords(progress)]).toEqual([step, amount]);
});
