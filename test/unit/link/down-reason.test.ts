// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { downReason } from '../../../electron/link/down-reason.ts';
import { LinkError } from '../../../electron/link/error-data.ts';

function socketError(code: string): Error {
  return Object.assign(new Error(`connect ${code} /run/berth/helper.sock`), { code });
}

describe('the reason of a link that is down', () => {
  test.each([
    ['ENOENT', 'no-socket'],
    ['ENOTDIR', 'no-socket'],
    ['EACCES', 'no-permission'],
    ['EPERM', 'no-permission'],
    ['ECONNREFUSED', 'refused'],
    ['ETIMEDOUT', 'refused'],
  ])('%s is %s', (code, reason) => {
    expect(downReason('/run/berth', socketError(code))).toEqual({
      state: 'down',
      reason,
      path: '/run/berth/helper.sock',
      detail: `connect ${code} /run/berth/helper.sock`,
    });
  });

  test("is told by the client's own error", () => {
    const error = new LinkError('helper.unreachable', {
      path: '/run/berth/helper.sock',
      reason: 'permission denied',
      errno: 'EACCES',
    });
    expect(downReason('/run/berth', error)).toMatchObject({ reason: 'no-permission', detail: 'permission denied' });
  });

  test('tells a helper of another version', () => {
    expect(downReason('/run/berth', new LinkError('helper.version-mismatch', { helper: 2, client: 1 }))).toMatchObject({
      reason: 'version-mismatch',
      detail: 'The helper uses protocol 2, this program uses 1.',
    });
  });
});
