// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import {
  readDocument,
  type ProductsReading,
  type ReadRequest,
} from '../../../native-helper/images/fetch/read-products.ts';

const request: ReadRequest = { read: 'products', architecture: 'x86_64', defaultUser: 'ubuntu' };
const file = (ftype: string, version = '1'): object => ({
  ftype,
  path: `noble/${version}/${ftype}`,
  sha256: 'a'.repeat(64),
  size: 10,
});
const product = (more: object, builds: Readonly<Record<string, readonly object[]>>): object => ({
  arch: 'amd64',
  os: 'ubuntu',
  release: 'noble',
  release_title: '24.04 LTS',
  version: '24.04',
  aliases: '24.04,lts',
  supported: true,
  versions: Object.fromEntries(
    Object.entries(builds).map(([build, items]) => [
      build,
      { items: Object.fromEntries(items.map((item, at) => [at, item])) },
    ]),
  ),
  ...more,
});
const readAll = (products: Readonly<Record<string, unknown>>): ProductsReading =>
  readDocument(JSON.stringify({ products }), request) as ProductsReading;
const read = (products: Readonly<Record<string, object>>): unknown => readAll(products).images;

it('takes the newest build that has a disk', () => {
  const builds = {
    '20260301': [file('disk1.img', '20260301')],
    '20260302': [file('squashfs')],
    '20251231': [file('disk1.img')],
    '20260301.1': [file('disk1.img', '20260301.1')],
  };
  expect(read({ noble: product({}, builds) })).toMatchObject([
    {
      alias: '24.04',
      version: '20260301.1',
      path: 'noble/20260301.1/disk1.img',
      packing: 'none',
      title: 'Ubuntu 24.04 LTS',
      words: ['lts', 'noble', 'ubuntu-24.04', 'ubuntu'],
    },
  ]);
});

it.each([
  [['disk1.img', 'uefi1.img', 'disk-kvm.img', 'tar.gz'], 'uefi1.img', 'none'],
  [['disk-kvm.img', 'disk1.img'], 'disk1.img', 'none'],
  [['img.xz', 'lxd.tar.xz'], 'img.xz', 'xz'],
])('of %j it takes %s', (offered, taken, packing) => {
  expect(read({ noble: product({}, { '1': offered.map((each) => file(each)) }) })).toMatchObject([
    { path: `noble/1/${taken}`, packing },
  ]);
});

it('takes what is for this architecture, newest release first, and what is no longer supported as that', () => {
  expect(
    read({
      old: product({ version: '9.10', release: 'karmic', supported: false }, { '1': [file('disk1.img')] }),
      noble: product({}, { '1': [file('disk1.img')] }),
      arm: product({ arch: 'arm64' }, { '1': [file('disk1.img')] }),
    }),
  ).toMatchObject([
    { release: '24.04', isSupported: true },
    { release: '9.10', isSupported: false },
  ]);
});

it('reads of an index the lists of images', () => {
  const index = {
    a: { datatype: 'image-downloads', path: 'streams/v1/a.json' },
    b: { datatype: 'image-ids', path: 'streams/v1/b.json' },
  };
  expect(readDocument(JSON.stringify({ index }), { ...request, read: 'index' })).toEqual({
    lists: ['streams/v1/a.json'],
  });
});

it('reads of an index what Ubuntu names its lists', () => {
  const index = { a: { datatype: 'image-downloads', path: 'streams/v1/com.ubuntu.cloud:released:download.sjson' } };
  expect(readDocument(JSON.stringify({ index }), { ...request, read: 'index' })).toEqual({
    lists: ['streams/v1/com.ubuntu.cloud:released:download.sjson'],
  });
});

const wrong: readonly object[] = [
  { path: '../../etc/passwd' },
  { path: 'server/../../x' },
  { path: 'server/%2e%2e/x' },
  { path: '/etc/passwd' },
  { path: '//example.com/a.img' },
  { path: 'https://example.com/a.img' },
  { path: '' },
  { path: undefined },
  { path: 'images/20240206_07:42/disk.img' },
  { size: 0 },
  { size: -5 },
  { size: 1.5 },
  { size: 2 ** 60 },
  { size: '10' },
  { size: undefined },
  { sha256: 'x' },
  { sha256: undefined },
  { sha256: 'A'.repeat(64) },
  { sha256: 5 },
];
it.each(wrong)('leaves out a build with %j, and takes the one before it', (more) => {
  const odd = { ...file('disk1.img'), ...more };
  expect(
    readAll({
      noble: product({}, { '2': [odd], '1': [file('disk1.img')] }),
      jammy: product({ version: '22.04' }, { '1': [odd] }),
    }),
  ).toMatchObject({
    images: [{ alias: '24.04', version: '1' }],
    leftOut: { count: 2, reasons: [expect.stringMatching(/^noble, 2: .+/), expect.stringMatching(/^jammy, 1: .+/)] },
  });
});

it.each([
  [{ version: undefined }],
  [{ version: 24.04 }],
  [{ version: 'a version with blanks' }],
  [{ arch: undefined }],
  [{ arch: 5 }],
  [{ versions: undefined }],
  [{ versions: [] }],
  [{ versions: { '1': null } }],
  [{ versions: { '1': { items: 'none' } } }],
  [{ supported: 'yes' }],
  [{ aliases: ['lts'] }],
  [{ os: 'x'.repeat(100) }],
])('leaves out a product with %j', (more) => {
  const { images, leftOut } = readAll({
    odd: product({ version: '22.04', ...more }, { '1': [file('disk1.img')] }),
    noble: product({}, { '1': [file('disk1.img')] }),
  });
  expect(images).toMatchObject([{ alias: '24.04' }]);
  expect(leftOut).toMatchObject({ count: 1, reasons: [expect.stringMatching(/^odd(?:, 1)?: .+/)] });
});

it('leaves out what is no product, and passes over what is for another architecture, however odd', () => {
  const { images, leftOut } = readAll({
    'odd\u202e': null,
    list: [],
    riscv: { arch: 'riscv64', version: 5 },
    ppc: { arch: 'ppc64el' },
    noble: product({}, { '1': [[], file('disk1.img')] }),
  });
  expect(images).toMatchObject([{ alias: '24.04' }]);
  expect(leftOut).toMatchObject({
    count: 2,
    reasons: [expect.stringMatching(/^odd\\u202e: /), expect.stringMatching(/^list: /)],
  });
});

it('tells the first twenty, and how many there are', () => {
  const odd = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`odd${at}`.repeat(100), { arch: 'amd64' }]));
  const { leftOut } = readAll({ ...odd, noble: product({}, { '1': [file('disk1.img')] }) });
  expect(leftOut).toMatchObject({ count: 500 });
  expect(leftOut?.reasons).toHaveLength(20);
  expect(Math.max(...(leftOut?.reasons ?? []).map(({ length }) => length))).toBeLessThanOrEqual(300);
});

it.each(['../../list.json', 'https://example.com/list.json', '/list.json', 'a:/../b', 5])(
  'leaves out of an index a list at %s',
  (path) => {
    const index = {
      odd: { datatype: 'image-downloads', path },
      good: { datatype: 'image-downloads', path: 'streams/v1/a.json' },
    };
    expect(readDocument(JSON.stringify({ index }), { ...request, read: 'index' })).toMatchObject({
      lists: ['streams/v1/a.json'],
      leftOut: { count: 1 },
    });
  },
);
