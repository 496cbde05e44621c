// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { readDocument, type ReadRequest } from '../../../native-helper/images/fetch/read-products.ts';

const request: ReadRequest = { read: 'products', architecture: 'x86_64', defaultUser: 'ubuntu' };
const file = (ftype: string, version = '1'): object => ({ ftype, path: `noble/${version}/${ftype}`, sha256: 'a'.repeat(64), size: 10 });
const product = (more: object, builds: Readonly<Record<string, readonly object[]>>): object => ({
  arch: 'amd64', os: 'ubuntu', release: 'noble', release_title: '24.04 LTS', version: '24.04', aliases: '24.04,lts', supported: true,
  versions: Object.fromEntries(Object.entries(builds).map(([build, items]) => [build, { items: Object.fromEntries(items.map((item, at) => [at, item])) }])), ...more,
});
const read = (products: Readonly<Record<string, object>>): unknown => readDocument(JSON.stringify({ products }), request);

it('takes the newest build that has a disk', () => {
  const builds = { '20260301': [file('disk1.img', '20260301')], '20260302': [file('squashfs')], '20251231': [file('disk1.img')], '20260301.1': [file('disk1.img', '20260301.1')] };
  expect(read({ noble: product({}, builds) })).toMatchObject([{ alias: '24.04', version: '20260301.1', path: 'noble/20260301.1/disk1.img', packing: 'none', title: 'Ubuntu 24.04 LTS', words: ['lts', 'noble', 'ubuntu-24.04', 'ubuntu'] }]);
});

it.each([
  [['disk1.img', 'uefi1.img', 'disk-kvm.img', 'tar.gz'], 'uefi1.img', 'none'],
  [['disk-kvm.img', 'disk1.img'], 'disk1.img', 'none'],
  [['img.xz', 'lxd.tar.xz'], 'img.xz', 'xz'],
])('of %j it takes %s', (offered, taken, packing) => {
  expect(read({ noble: product({}, { '1': offered.map((each) => file(each)) }) })).toMatchObject([{ path: `noble/1/${taken}`, packing }]);
});

it('takes what is for this architecture, newest release first, and what is no longer supported as that', () => {
  expect(read({
    old: product({ version: '9.10', release: 'karmic', supported: false }, { '1': [file('disk1.img')] }),
    noble: product({}, { '1': [file('disk1.img')] }),
    arm: product({ arch: 'arm64' }, { '1': [file('disk1.img')] }),
  })).toMatchObject([{ release: '24.04', isSupported: true }, { release: '9.10', isSupported: false }]);
});

it('reads of an index the lists of images', () => {
  const index = { a: { datatype: 'image-downloads', path: 'streams/v1/a.json' }, b: { datatype: 'image-ids', path: 'streams/v1/b.json' } };
  expect(readDocument(JSON.stringify({ index }), { ...request, read: 'index' })).toEqual(['streams/v1/a.json']);
});

const wrong: readonly object[] = [
  { path: '../../etc/passwd' }, { path: 'server/../../x' }, { path: 'server/%2e%2e/x' }, { path: '/etc/passwd' }, { path: '//example.com/a.img' }, { path: 'https://example.com/a.img' }, { path: '' },
  { size: 0 }, { size: -5 }, { size: 1.5 }, { size: 2 ** 60 }, { size: '10' }, { sha256: 'x' }, { sha256: undefined }, { sha256: 'A'.repeat(64) },
];
it.each(wrong)('refuses %j', (more) => {
  expect(() => read({ noble: product({}, { '1': [{ ...file('disk1.img'), ...more }] }) })).toThrow();
});

it.each(['../../list.json', 'https://example.com/list.json', '/list.json'])('refuses an index that names %s', (path) => {
  expect(() => readDocument(JSON.stringify({ index: { a: { datatype: 'image-downloads', path } } }), { ...request, read: 'index' })).toThrow();
});
