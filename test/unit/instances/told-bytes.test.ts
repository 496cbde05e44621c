// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { limits } from '#contract/protocol.ts';
import { HelperError, toErrorData } from '../../../native-helper/core/errors.ts';
import { requireTellable } from '../../../native-helper/instances/instance/decided-bytes.ts';
import { strictSettings } from '../../../native-helper/instances/security/security-settings.ts';
import type { MountRecord } from '../../../native-helper/store/instance-record.ts';
import { shortList } from '../../../native-helper/system/short-list.ts';

const mounts = (count: number): MountRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index.toString(16).padStart(8, '0'),
    source: '/srv',
    target: `/${'\u{1}'.repeat(4000)}${index}`,
    owner: { uid: 1000, gid: 1000 },
    isReadOnly: false,
    type: 'auto',
    uidMaps: [],
    gidMaps: [],
  }));

it('an instance that a message would not hold is refused, by mounts as by settings', () => {
  expect(Buffer.byteLength(JSON.stringify(mounts(64)))).toBeGreaterThan(limits.messageBytes);
  expect(() => requireTellable({ mounts: mounts(63) }, { mounts: mounts(64) })).toThrow('bytes');
  const args = Array.from({ length: 256 }, () => 'x'.repeat(4000));
  expect(() => requireTellable({}, { security: { ...strictSettings, qemu: { args, env: {} } } })).toThrow('bytes');
});

it('what is large from before may become smaller', () => {
  requireTellable({ mounts: mounts(64) }, { mounts: mounts(63) });
  requireTellable({ mounts: mounts(64) }, {});
});

it('64 mounts with every error that a guest can make long fit into a message with all else', () => {
  const error = toErrorData(
    new HelperError('mount.failed', { reason: 'ü'.repeat(100_000) }, { cause: new Error('x'.repeat(100_000)) }),
  );
  expect(64 * 4 * Buffer.byteLength(JSON.stringify(error))).toBeLessThan(limits.messageBytes - 256 * 1024);
});

it('a list of names is short, however many there are', () => {
  expect(shortList(['a', 'b'])).toBe('a, b');
  expect(shortList(Array.from({ length: 5000 }, () => 'name'))).toMatch(/^name, .* and 4950 more$/);
});
