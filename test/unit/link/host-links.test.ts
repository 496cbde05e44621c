// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { hostId, localHost } from '#contract/hosts.ts';
import { localBackend } from '../../../electron/link/backend.ts';
import { HostLinks } from '../../../electron/link/host-links.ts';

const other = hostId.parse('other');
const links = new HostLinks({
  backends: new Map([
    [localHost, localBackend('/nowhere/local', 'test')],
    [other, localBackend('/nowhere/other', 'test')],
  ]),
  onMessage: () => {},
  log: () => {},
});

test('a window reaches the host that it names, and this computer without a name', async () => {
  expect(links.hosts).toEqual([localHost, other]);
  for (const [host, path] of [
    [undefined, '/nowhere/local/'],
    [localHost, '/nowhere/local/'],
    [other, '/nowhere/other/'],
  ] as const)
    await expect(links.to(host).request('instances.list', {})).rejects.toMatchObject({
      data: { code: 'helper.unreachable', params: { path: expect.stringContaining(path) } },
    });
});

test('there is no way to a host that is none', () => {
  for (const host of ['nobody', '', '__proto__', 7, {}])
    expect(() => links.to(host), JSON.stringify(host)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ code: 'request.invalid' }) }),
    );
});
