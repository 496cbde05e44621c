// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { instanceKey, partsOf } from '#contract/host-keys.ts';
import { hostId, localHost } from '#contract/hosts.ts';
import { hostAt, imagesAddress, instanceAddress, launchAddress } from '../../../renderer/lib/addresses.ts';

const other = hostId.parse('other');
const web = instanceKey(other, 'web');

test('an instance has its host in its key and in its address', () => {
  expect(partsOf(web)).toEqual({ host: 'other', name: 'web' });
  expect(instanceAddress(web)).toBe('/other/instances/web');
  expect(instanceAddress(web, 'console')).toBe('/other/instances/web/console');
});

test('the address of a screen says which host it is about', () => {
  for (const address of [instanceAddress(web), launchAddress(other), launchAddress(other, 'a/b'), imagesAddress(other)])
    expect(hostAt(address)).toBe(other);
  for (const address of ['/', '/settings', '/activity', '', '/No Host/images']) expect(hostAt(address)).toBe(localHost);
});
