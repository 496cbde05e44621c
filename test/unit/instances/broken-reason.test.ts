// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { describeError } from '../../../contract/errors.ts';
import { instanceName } from '../../../contract/names.ts';
import { HelperError } from '../../../native-helper/core/errors.ts';
import { brokenHint, brokenReason } from '../../../native-helper/instances/instance/broken-reason.ts';

const name = instanceName.parse('web');

it.each([
  [new HelperError('record.newer', { path: '/x' }), 'Update Berth.'],
  [
    new HelperError('record.copied', { name, original: 'one' }),
    'Remove the copy with berth purge web; one stays as it is.',
  ],
  [
    new HelperError('record.damaged', { path: '/x', field: 'id' }),
    'Repair it, or restore it from a backup, and restart the helper. Or permanently delete the instance with berth purge web.',
  ],
])('the way out of a broken instance is that of its fault: $code', (fault, hint) => {
  const wayOut = brokenHint(name, { fault });
  expect(wayOut).toBe(hint);
  const params = { name, reason: brokenReason({ fault, aside: undefined }), wayOut };
  expect(describeError({ code: 'instance.broken', params }).hint).toBe(`Nothing was deleted. ${hint}`);
});
