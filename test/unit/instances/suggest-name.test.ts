// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { suggestName } from '../../../native-helper/instances/instance/suggest-name.ts';

test('suggests names of the grammar, and still one when twenty in a row are taken', () => {
  let asked = 0;
  const name = suggestName(() => {
    asked += 1;
    return asked <= 25;
  });
  expect(instanceName.safeParse(name).success).toBe(true);
  expect(name).toMatch(/-\d+$/);
});
