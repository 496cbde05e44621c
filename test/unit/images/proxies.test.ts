// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { proxiesOf, shownProxy } from '../../../native-helper/images/download/proxies.ts';

test.each([
  ['http://proxy:3128', 'http://proxy:3128'],
  ['https://mia:p%40ss@proxy/', 'https://mia:p%40ss@proxy/'],
  ['proxy.example:3128', 'http://proxy.example:3128'],
  ['mia:pass@10.0.0.1:3128', 'http://mia:pass@10.0.0.1:3128'],
  ['', undefined],
])('%j is used as %j', (text, used) => {
  expect(proxiesOf({ proxy: text }, {})).toEqual({ https: used, http: used });
});

test.each([
  ['socks5h://127.0.0.1:1080', 'socks5h is not supported'],
  ['socks4://proxy', 'socks4 is not supported'],
  ['ftp://proxy', 'ftp is not supported'],
  ['http://[::1', 'cannot be read'],
  ['http://', 'cannot be read'],
  ['http://proxy:99999', 'cannot be read'],
  ['two words', 'cannot be read'],
])('%j is named as what cannot be used', (text, reason) => {
  for (const own of [{ HTTPS_PROXY: text }, { http_proxy: text }, { ALL_PROXY: text }]) {
    expect(() => proxiesOf({}, own)).toThrow(
      expect.objectContaining({
        kind: 'proxy',
        isOfProxy: true,
        message: expect.stringContaining(reason) as string,
      }) as Error,
    );
  }
});

test('what is for one scheme goes before what is for all, and the settings before both', () => {
  const own = { https_proxy: 'http://a', all_proxy: 'http://b' };
  expect(proxiesOf({}, own)).toEqual({ https: 'http://a', http: 'http://b' });
  expect(proxiesOf({ proxy: 'http://c' }, own)).toEqual({ https: 'http://c', http: 'http://c' });
});

test.each([
  ['http://mia:p@ss@proxy:1', 'http://proxy:1'],
  ['mia:pass@proxy', 'proxy'],
  ['socks5h://mia@proxy:1', 'socks5h://proxy:1'],
  [undefined, 'of the environment'],
])('%j is shown as %j', (proxy, shown) => {
  expect(shownProxy({ proxy }, {})).toBe(shown);
});
