// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { unreachable } from '../../../client/connect-socket.ts';
import { defaultRunDirectory } from '../../../client/default-run-directory.ts';
import { HelperCallError } from '../../../client/helper-call-error.ts';

describe('helper.unreachable', () => {
  test.each([
    ['ENOENT', 'no such socket'],
    ['EACCES', 'permission denied'],
    ['ECONNREFUSED', 'nobody listens'],
    ['EAGAIN', 'no further connections'],
  ])('%s says %s', (errno, words) => {
    const error = unreachable('/run/berth/helper.sock', Object.assign(new Error('connect failed'), { code: errno }));
    expect(error).toMatchObject({
      code: 'helper.unreachable',
      data: { params: { path: '/run/berth/helper.sock', errno } },
    });
    expect(error.message).toContain(words);
    expect(error.hint).toContain('group');
  });
});

test('the run directory comes from the environment unless it is empty', () => {
  expect(defaultRunDirectory({ BERTH_RUN_DIR: '/tmp/x' })).toBe('/tmp/x');
  expect(defaultRunDirectory({ BERTH_RUN_DIR: '' })).toBe('/run/berth');
  expect(defaultRunDirectory({})).toBe('/run/berth');
});

test('a call error says what its code says', () => {
  expect(HelperCallError.of('instance.not-found', { name: 'a' }).message).toBe('There is no instance named a.');
});
