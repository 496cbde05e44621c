// SPDX-License-Identifier: MIT One table: what a server, its list or an image does wrong, and the code it ends with.
// Each row is checked for the code and for what is left behind; a good attempt of the same alias follows on the same
// helper, after each row or after all of them.
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../contract/errors.ts';
import {
  imageImportParams,
  imageImportUrlParams,
  imageSettings,
  type ImportFormat,
  type Packing,
} from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { childrenOf } from '../../support/children.ts';
import { DiskForms } from '../../support/disk-forms.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { ImageServer, type Misbehaviour } from '../../support/image-server.ts';
import { indexDocument, listPath, productsDocument, putSimplestreams } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

const mebibyte = 1024 ** 2;
const indexPath = 'streams/v1/index.json';
const imagePath = 'release/noble.img';
/** Short where a server is to be found silent; a busy computer needs longer to answer. */
const tuning = { stallMs: 5000, backOffMs: 5, attempts: 3 };
let disks: DiskForms;
let tls: { readonly key: string; readonly cert: string };
let rig: ImageRig;
let vault: LocalImages;
let plain: ImageServer;
let image: Buffer;
let other: Buffer;

const bomb = (pack: string): string =>
  `head -c 110M /dev/zero | ${pack} > part; for i in 1 2 3 4 5 6 7 8 9 10; do cat part; done > bad`;

beforeAll(async () => {
  disks = await DiskForms.make();
  tls = await disks.certify();
  image = await readFile(disks.in('a.qcow2'));
  other = Buffer.from(image);
  other.fill(7, mebibyte, 2 * mebibyte);
  plain = await ImageServer.start();
});
afterAll(async () => {
  await plain?.close();
  await disks?.[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  rig = await ImageRig.start({ tuning, tls });
  vault = await rig.open();
  putHonest();
  await configure();
}

async function end(): Promise<void> {
  await rig?.[Symbol.asyncDispose]();
}

function putHonest(): void {
  rig.server.clear();
  putSimplestreams(rig.server, '', [
    {
      version: '24.04',
      codename: 'noble',
      aliases: 'noble',
      builds: { '1': { ftype: 'disk1.img', path: imagePath, content: image } },
    },
  ]);
  tuning.stallMs = 5000;
}

async function configure(more: object = {}): Promise<void> {
  await vault.configure(
    withoutBuiltIn(vault.remotes(), {
      remotes: [{ name: 'local', url: rig.server.url }],
      certificates: disks.in('cert.pem'),
      ...more,
    }),
  );
}

/** Half a download that a later attempt goes on with is the one thing that a failure may leave. */
type Left = 'nothing' | 'a half';

async function expectLeft(left: Left): Promise<void> {
  const found = await Promise.all(
    [rig.files.images, rig.files.downloads, rig.files.work, rig.files.profiles].map(
      async (each) => await readdir(each).catch(() => []),
    ),
  );
  expect(found.map((names) => names.map((name) => path.extname(name)).sort())).toEqual([
    [],
    left === 'nothing' ? [] : ['.json', '.partial'],
    [],
    [],
  ]);
  expect(vault.list(() => [], { uid: 0 })).toEqual([]);
  await expect.poll(childrenOfOurs, { timeout: 5000 }).toEqual([]);
}

/** What still works for us, by its command line; one that ended and was not yet noticed has none. */
function childrenOfOurs(): readonly string[] {
  return childrenOf('self')
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    })
    .filter((line) => line !== '');
}

const ensure = async (): Promise<string> => (await vault.ensure('local:24.04', operationContext())).diskPath;

async function expectWorksNow(attempt: () => Promise<string>): Promise<void> {
  expect(await disks.compare(await attempt())).toContain('identical');
  expect(await readdir(rig.files.downloads).catch(() => [])).toEqual([]);
}

describe('a list', () => {
  beforeAll(start);
  afterAll(end);
  beforeEach(async () => {
    putHonest();
    await configure();
  });
  const list = (more: object): string =>
    productsDocument([
      {
        version: '24.04',
        codename: 'noble',
        aliases: 'noble',
        builds: { '1': { ftype: 'disk1.img', path: imagePath, content: image, more: { ...more } } },
      },
    ]);
  const says = (more: object) => (): void => rig.server.put(listPath, list(more));
  const does =
    (fault: Misbehaviour, file = listPath) =>
    (): void =>
      rig.server.misbehave(file, fault);
  const soon = (wrong: () => void) => (): void => {
    tuning.stallMs = 300;
    wrong();
  };

  const table: readonly (readonly [what: string, code: ErrorCode, wrong: () => void | Promise<void>])[] = [
    // what it says
    ['an index of 100 MB', 'image.download-refused', () => rig.server.put(indexPath, Buffer.alloc(100e6, ' '))],
    ['products of 100 MB', 'image.download-refused', () => rig.server.put(listPath, Buffer.alloc(100e6, ' '))],
    [
      'an index with a key twice',
      'image.catalogue-invalid',
      () => rig.server.put(indexPath, indexDocument().replace('"index"', '"index":{},"index"')),
    ],
    [
      'products with a key twice',
      'image.catalogue-invalid',
      () => rig.server.put(listPath, list({}).replace('"arch"', '"arch":"arm64","arch"')),
    ],
    [
      'an index that names a list elsewhere',
      'image.catalogue-invalid',
      () => rig.server.put(indexPath, indexDocument('https://example.com/list.json')),
    ],
    ['a path that climbs', 'image.catalogue-invalid', says({ path: '../../etc/passwd' })],
    ['an absolute URL to another host', 'image.catalogue-invalid', says({ path: 'https://example.com/a.img' })],
    ['size 0', 'image.catalogue-invalid', says({ size: 0 })],
    ['a negative size', 'image.catalogue-invalid', says({ size: -5 })],
    ['a size of 2^60', 'image.catalogue-invalid', says({ size: 2 ** 60 })],
    ['no digest', 'image.catalogue-invalid', says({ sha256: undefined })],
    ['half a document', 'image.catalogue-invalid', () => rig.server.put(listPath, list({}).slice(0, 200))],
    [
      'a page instead of a list',
      'image.catalogue-invalid',
      () => rig.server.put(listPath, '<html>Please log in to this network</html>'),
    ],
    // how it comes
    ['a list that always drops at 99 %', 'image.remote-unreachable', does({ kind: 'drop-at', share: 0.99 })],
    ['a list longer than was said', 'image.catalogue-invalid', does({ kind: 'wrong-length', by: -10 })],
    ['a list shorter than was said', 'image.remote-unreachable', does({ kind: 'wrong-length', by: 10 })],
    ['a list at a byte a second', 'image.remote-unreachable', soon(does({ kind: 'trickle' }))],
    ['a list that never comes', 'image.remote-unreachable', soon(does({ kind: 'silent' }))],
    ['always 500', 'image.remote-unreachable', does({ kind: 'status', status: 500 })],
    ['404', 'image.remote-unreachable', does({ kind: 'status', status: 404 }, indexPath)],
    ['407', 'network.proxy-failed', does({ kind: 'status', status: 407 })],
    ['a redirect to file://', 'image.download-refused', does({ kind: 'redirect', to: 'file:///etc/shadow' })],
    ['a redirect to http://', 'image.download-refused', does({ kind: 'redirect', to: 'http://127.0.0.1:1/' })],
    ['a redirect to itself', 'image.download-refused', does({ kind: 'redirect', to: `/${listPath}` })],
    [
      'a proxy that wants a password',
      'network.proxy-failed',
      async () => {
        plain.misbehave('', { kind: 'status', status: 407 });
        await configure({ proxy: plain.url });
      },
    ],
  ];
  it.each(table)('%s: %s', async (_, code, wrong) => {
    await wrong();
    await expect(ensure()).rejects.toMatchObject({ code });
    await expectLeft('nothing');
  });
  it('that is as it should be is taken after all of them', async () => await expectWorksNow(ensure));
});

describe('a transfer', () => {
  beforeEach(start);
  afterEach(end);
  const does = (fault: Misbehaviour) => (): void => rig.server.misbehave(imagePath, fault);
  const soon = (wrong: () => void) => (): void => {
    tuning.stallMs = 300;
    wrong();
  };

  const table: readonly (readonly [what: string, code: ErrorCode, left: Left, wrong: () => void | Promise<void>])[] = [
    ['always drops at 99 %', 'image.download-failed', 'a half', does({ kind: 'drop-at', share: 0.99 })],
    [
      'always drops at 99 % and ignores Range',
      'image.download-failed',
      'a half',
      does({ kind: 'drop-at-ignoring-range', share: 0.99 }),
    ],
    [
      'always drops, with another ETag each time',
      'image.download-failed',
      'a half',
      does({ kind: 'changing-etag-drop', share: 0.5 }),
    ],
    ['always drops after a few bytes', 'image.download-failed', 'nothing', does({ kind: 'drop-at', share: 0.001 })],
    ['is longer than was said', 'image.download-refused', 'nothing', does({ kind: 'wrong-length', by: 1000 })],
    ['is shorter than was said', 'image.download-failed', 'nothing', does({ kind: 'wrong-length', by: -1000 })],
    ['has another hash', 'image.checksum-mismatch', 'nothing', () => rig.server.put(imagePath, other)],
    ['is of no bytes', 'image.download-failed', 'nothing', () => rig.server.put(imagePath, '')],
    [
      'is redirected to file://',
      'image.download-refused',
      'nothing',
      does({ kind: 'redirect', to: 'file:///etc/shadow' }),
    ],
    [
      'is redirected to http://',
      'image.download-refused',
      'nothing',
      does({ kind: 'redirect', to: 'http://127.0.0.1:1/a.img' }),
    ],
    [
      'is redirected to a name and a password',
      'image.download-refused',
      'nothing',
      does({ kind: 'redirect', to: 'https://a:b@127.0.0.1/' }),
    ],
    ['is redirected for ever', 'image.download-refused', 'nothing', does({ kind: 'redirect', to: `/${imagePath}` })],
    ['comes a byte a second', 'image.download-failed', 'nothing', soon(does({ kind: 'trickle' }))],
    ['never comes', 'image.download-failed', 'nothing', soon(does({ kind: 'silent' }))],
    ['always has 500', 'image.download-failed', 'nothing', does({ kind: 'status', status: 500 })],
    ['has 404', 'image.download-failed', 'nothing', does({ kind: 'status', status: 404 })],
    ['has 407', 'network.proxy-failed', 'nothing', does({ kind: 'status', status: 407 })],
    [
      'meets a proxy that wants a password',
      'network.proxy-failed',
      'nothing',
      async () => {
        plain.misbehave('', { kind: 'status', status: 407 });
        await vault.configure({ ...vault.settings(), proxy: plain.url });
      },
    ],
  ];
  it.each(table)('%s: %s', async (_, code, left, wrong) => {
    await vault.refresh(0, operationContext());
    await wrong();
    await expect(ensure()).rejects.toMatchObject({ code });
    await expectLeft(left);
    putHonest();
    await vault.configure(imageSettings.parse({ ...vault.settings(), proxy: undefined }));
    await expectWorksNow(ensure);
    const [first] = rig.server.seen.filter(({ path: seen }) => seen === `/${imagePath}`);
    expect(first?.range === undefined ? 'nothing' : 'a half').toBe(left); // what was kept is gone on with
  });

  const harmless: readonly (readonly [what: string, fault: () => Misbehaviour])[] = [
    ['drops at 99 % once', () => ({ kind: 'drop-at', share: 0.99, times: 1 })],
    ['drops twice', () => ({ kind: 'drop-at', share: 0.6, times: 2 })],
    ['drops and then ignores Range', () => ({ kind: 'drop-at-ignoring-range', share: 0.9, times: 2 })],
    ['drops with another ETag each time', () => ({ kind: 'changing-etag-drop', share: 0.5, times: 2 })],
    [
      'begins with another file of the same ETag',
      () => ({ kind: 'another-then-drop', share: 0.5, another: other, times: 1 }),
    ],
    ['has 500 twice', () => ({ kind: 'status', status: 500, times: 2 })],
    ['falls silent once', () => ({ kind: 'silent', times: 1 })],
  ];
  it.each(harmless)('%s: no harm', async (_, fault) => {
    tuning.stallMs = 1000;
    rig.server.misbehave(imagePath, fault());
    await expectWorksNow(ensure);
  });
});

describe('an image', () => {
  beforeAll(start);
  afterAll(end);
  const unusable = 'image.unsupported-format';
  const table: readonly (readonly [
    what: string,
    code: ErrorCode,
    form: ImportFormat | `${ImportFormat}.${Packing}`,
    script: string,
  ])[] = [
    ['qcow2 that reads /etc/shadow', unusable, 'qcow2', 'qemu-img create -q -f qcow2 -b /etc/shadow -F raw bad'],
    [
      'qcow2 that is its own backing file',
      unusable,
      'qcow2',
      'qemu-img create -q -f qcow2 bad 1M; qemu-img rebase -u -f qcow2 -F qcow2 -b bad bad',
    ],
    [
      'qcow2 with its data elsewhere',
      unusable,
      'qcow2',
      'qemu-img create -q -f qcow2 -o data_file=elsewhere,data_file_raw=on bad 1M',
    ],
    [
      'qcow2 of 2^60 bytes',
      unusable,
      'qcow2',
      String.raw`qemu-img create -q -f qcow2 bad 1M; printf '\020\0\0\0\0\0\0\0' | dd of=bad bs=1 seek=24 conv=notrunc status=none`,
    ],
    [
      'qcow2 with a broken table',
      'image.conversion-failed',
      'qcow2',
      'cp a.qcow2 bad; head -c 65536 /dev/urandom | dd of=bad bs=65536 seek=3 conv=notrunc status=none',
    ],
    ['raw that begins with a qcow2 header', unusable, 'raw', 'cp a.qcow2 bad'],
    ['raw that is a vmdk', unusable, 'raw', 'cp a.vmdk bad'],
    ['vmdk with an extent elsewhere', unusable, 'vmdk', "cp a.vmdk bad; sed -i 's|a.vmdk|/etc/x|' bad"],
    ['vmdk of several files', unusable, 'vmdk', 'qemu-img create -q -f vmdk -o subformat=monolithicFlat bad 1M'],
    ['vmdk with a parent', unusable, 'vmdk', "cp a.vmdk bad; sed -i 's/parentCID=ffffffff/parentCID=0badcafe/' bad"],
    [
      'vdi that is a difference',
      unusable,
      'vdi',
      String.raw`cp a.vdi bad; printf '\004' | dd of=bad bs=1 seek=76 conv=notrunc status=none`,
    ],
    ['bomb of xz', unusable, 'raw.xz', bomb('xz -0')],
    ['bomb of zstd', unusable, 'raw.zst', bomb('zstd -q')],
    ['gzip that is called xz', unusable, 'raw.xz', 'cp a.raw.gz bad'],
    ['half an xz', unusable, 'raw.xz', 'head -c 20000 a.raw.xz > bad'],
    ['half a zstd', unusable, 'raw.zst', 'head -c 20000 a.raw.zst > bad'],
    ['half a gzip', unusable, 'raw.gz', 'head -c 20000 a.raw.gz > bad'],
    ['half a bzip2', unusable, 'raw.bz2', 'head -c 20000 a.raw.bz2 > bad'],
    [
      'xz with a qcow2 that reads /etc/shadow',
      unusable,
      'qcow2.xz',
      'qemu-img create -q -f qcow2 -b /etc/shadow -F raw bad; xz -0 bad; mv bad.xz bad',
    ],
  ];
  it.each(table)('%s: %s', async (_, code, form, script) => {
    await disks.shell(`rm -f bad; ${script}`);
    const [format, packing = 'none'] = form.split('.') as [ImportFormat, Packing?];
    await expectRefused(format, packing, { code });
  });

  const kinds: readonly (readonly [what: string, is: RegExp, form: ImportFormat, script: string])[] = [
    ['ISO', /ISO/, 'raw', 'xorriso -as mkisofs -quiet -o bad a.vmdk'],
    ['ISO as qcow2', /ISO/, 'qcow2', 'xorriso -as mkisofs -quiet -o bad a.vmdk'],
    ['OVA', /OVA/, 'raw', 'echo "<Envelope/>" > a.ovf; tar -cf bad a.ovf a.vmdk'],
    ['OVA as vmdk', /OVA/, 'vmdk', 'echo "<Envelope/>" > a.ovf; tar --format=v7 -cf bad a.ovf a.vmdk'],
    ['tar', /tar/, 'raw', 'tar -cf bad a.vmdk'],
    ['list of digests', /text/, 'raw', 'sha256sum a.* > bad'],
    ['page', /web page/, 'qcow2', 'echo "<html><body>Please log in" > bad'],
    ['vmdk as qcow2', /VMDK/, 'qcow2', 'cp a.vmdk bad'],
    ['xz as qcow2', /xz/, 'qcow2', 'cp a.qcow2.xz bad'],
  ];
  it.each(kinds)('%s is told from a disk', async (_, is, format, script) => {
    await disks.shell(`rm -f bad; ${script}`);
    await expectRefused(format, 'none', { code: unusable, params: { reason: expect.stringMatching(is) as string } });
  });

  const layouts = [
    '',
    '-o cluster_size=4k',
    '-o cluster_size=2M',
    '-o compat=0.10',
    '-o extended_l2=on',
    '-o preallocation=metadata',
    '-o refcount_bits=1',
  ];
  it.each([...layouts, '-c', '-c -o compression_type=zstd'])(
    'qcow2 (%s) is taken whole, and not with less than a cluster cut from its end',
    async (options) => {
      const make = (disk: string): string => `qemu-img convert -f raw -O qcow2 ${options} ${disk} bad`;
      await disks.shell('cp a.raw odd.raw; head -c 512 /dev/urandom >> odd.raw'); // fills no cluster
      for (const disk of ['a.raw', 'odd.raw']) {
        await disks.shell(make(disk));
        await importFile('bad', 'qcow2');
        await vault.prune(() => false, true);
      }
      for (const cut of [1, 300, 3000]) {
        await disks.shell(make('a.raw'));
        await truncate(disks.in('bad'), (await stat(disks.in('bad'))).size - cut);
        await expect(importFile('bad', 'qcow2'), `${cut} bytes`).rejects.toMatchObject({
          code: expect.stringMatching(/^image\.(?:conversion-failed|unsupported-format)$/),
        });
      }
    },
  );

  it.each(['qcow2', 'vmdk', 'vdi', 'vhdx'] as const)(
    '%s cut short at any MiB: image.conversion-failed or image.unsupported-format',
    async (format) => {
      const { size } = await stat(disks.in(`a.${format}`));
      const slack = format === 'vhdx' ? 2 * mebibyte : 65_536; // its block of 8 MiB has the disk's 6
      for (let bytes = mebibyte; bytes < size - slack; bytes += mebibyte) {
        await disks.shell(`cp a.${format} bad`);
        await truncate(disks.in('bad'), bytes);
        await expect(importFile('bad', format), `${bytes} bytes`).rejects.toMatchObject({
          code: expect.stringMatching(/^image\.(?:conversion-failed|unsupported-format)$/),
        });
        await expectLeft('nothing');
      }
    },
  );

  it('that is as it should be is taken after all of them, by both ways in', async () => {
    rig.server.put('mine.img', image);
    await expectWorksNow(async () => await importUrl('qcow2'));
    await expectWorksNow(async () => await importFile('a.qcow2', 'qcow2'));
  });

  const importFile = async (name: string, format: ImportFormat, packing: Packing = 'none'): Promise<string> =>
    (
      await vault.import(
        imageImportParams.parse({ path: disks.in(name), format, packing, alias: 'mine' }),
        operationContext(),
      )
    ).diskPath;
  const importUrl = async (format: ImportFormat, packing: Packing = 'none'): Promise<string> =>
    (
      await vault.importUrl(
        imageImportUrlParams.parse({ url: `${rig.server.url}mine.img`, format, packing, alias: 'mine' }),
        operationContext(),
      )
    ).diskPath;

  /** The same file by both ways in: from this computer, and from a server. */
  async function expectRefused(format: ImportFormat, packing: Packing, error: object): Promise<void> {
    await expect(importFile('bad', format, packing)).rejects.toMatchObject(error);
    await expectLeft('nothing');
    rig.server.put('mine.img', { file: disks.in('bad') });
    await expect(importUrl(format, packing)).rejects.toMatchObject(error);
    await expectLeft('nothing');
  }
});
