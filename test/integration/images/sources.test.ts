// SPDX-License-Identifier: MIT
import { open, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  imageImportParams,
  imageImportUrlParams,
  imageSettings,
  type ImportFormat,
  type Packing,
} from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { DiskForms } from '../../support/disk-forms.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { ImageServer } from '../../support/image-server.ts';
import { digest, putSimplestreams } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

const mebibyte = 1024 ** 2;
let disks: DiskForms;
let rig: ImageRig;
let vault: LocalImages;
let image: Buffer;

beforeAll(async () => {
  disks = await DiskForms.make();
  image = await readFile(disks.in('a.qcow2'));
});
afterAll(async () => {
  await disks?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  rig = await ImageRig.start({ tuning: { stallMs: 2000, backOffMs: 20, attempts: 3 } });
  vault = await rig.open();
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

async function expectSameDisk(disk: string): Promise<void> {
  expect(await disks.compare(disk)).toContain('identical');
}

async function importFile(name: string, format: ImportFormat, packing: Packing = 'none'): Promise<string> {
  const record = await vault.import(
    imageImportParams.parse({ path: disks.in(name), format, packing, alias: 'mine' }),
    operationContext(),
  );
  return record.diskPath;
}

describe('local files', () => {
  it.each([
    ['a.qcow2', 'qcow2', 'none'],
    ['a.vmdk', 'vmdk', 'none'],
    ['stream.vmdk', 'vmdk', 'none'],
    ['a.vdi', 'vdi', 'none'],
    ['a.vhdx', 'vhdx', 'none'],
    ['a.raw.xz', 'raw', 'xz'],
    ['a.raw.zst', 'raw', 'zst'],
    ['a.raw.gz', 'raw', 'gz'],
    ['a.raw.bz2', 'raw', 'bz2'],
    ['a.qcow2.xz', 'qcow2', 'xz'],
  ] as const)('%s is taken', async (name, format, packing) => {
    await expectSameDisk(await importFile(name, format, packing));
  });
});

describe('a URL', () => {
  const params = (more: Readonly<Record<string, unknown>> = {}) =>
    imageImportUrlParams.parse({ url: `${rig.server.url}a.qcow2`, format: 'qcow2', alias: 'mine', ...more });

  it('is taken with its digest, or held to what came the first time', async () => {
    rig.server.put('a.qcow2', image);
    const first = await vault.importUrl(params(), operationContext());
    expect(first.image).toMatchObject({ origin: 'imported', verification: 'first-use', aliases: ['mine'] });
    await vault.remove(first.image.fingerprint, { uid: 0 });
    rig.server.put('a.qcow2', Buffer.concat([image, Buffer.alloc(512)]));
    await expect(vault.importUrl(params(), operationContext())).rejects.toMatchObject({
      code: 'image.checksum-mismatch',
    });
    await expect(
      vault.importUrl(params({ sha256: digest('sha256', image) }), operationContext()),
    ).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    expect(await readdir(rig.files.downloads)).toEqual([]);
    rig.server.put('a.qcow2', image);
    expect(
      (await vault.importUrl(params({ sha512: digest('sha512', image) }), operationContext())).image.verification,
    ).toBe('digest');
    await expect(vault.importUrl(params({ url: 'http://192.0.2.1/a' }), operationContext())).rejects.toMatchObject({
      code: 'image.download-refused',
    });
  });

  it('is fetched by two at a time under two names, and neither harms the other', async () => {
    rig.server.put('a.qcow2', image);
    rig.server.misbehave('a.qcow2', { kind: 'slow', bytesPerSecond: 16 * mebibyte });
    const leaving = new AbortController();
    const left = expect(
      vault.importUrl(
        params({ alias: 'gone' }),
        operationContext({ signal: leaving.signal, onReport: () => leaving.abort() }),
      ),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const records = await Promise.all(
      ['one', 'two'].map(async (alias) => await vault.importUrl(params({ alias }), operationContext())),
    );
    await left;
    for (const { diskPath } of records) await expectSameDisk(diskPath);
    expect(vault.list(() => [], { uid: 0 }).map(({ aliases }) => [...aliases].sort())).toEqual([['one', 'two']]);
    expect(await readdir(rig.files.downloads)).toEqual([]);
  });

  it('is asked through the proxy, but for hosts that are excepted', async () => {
    rig.server.put('a.qcow2', image);
    const far = params({ url: 'http://images.invalid/a.qcow2', sha256: digest('sha256', image) });
    await vault.configure(imageSettings.parse({ proxy: rig.server.url }));
    expect((await vault.importUrl(far, operationContext())).image.sourceUrl).toBe(far.url);
    await vault.configure(imageSettings.parse({ proxy: rig.server.url, noProxy: 'images.invalid' }));
    await expect(vault.importUrl({ ...far, url: `${far.url}?again` }, operationContext())).rejects.toMatchObject({
      code: 'image.download-failed',
    });
    expect(rig.server.seen).toHaveLength(1);
  });

  it.each([
    ['socks5h://mia:secret@127.0.0.1:1', 'socks5h://127.0.0.1:1', 'socks5h is not supported'],
    ['127.0.0.1:1', '127.0.0.1:1', 'ECONNREFUSED'],
    ['http://proxy.invalid:3128', 'http://proxy.invalid:3128', 'proxy.invalid'],
    ['http://[::1', 'http://[::1', 'cannot be read'],
  ])('is not asked through the proxy %s, which is named', async (proxy, shown, reason) => {
    process.env.ALL_PROXY = proxy;
    try {
      const failed = {
        code: 'network.proxy-failed',
        params: { proxy: shown, reason: expect.stringContaining(reason) as string },
      };
      await expect(
        vault.importUrl(params({ url: 'https://images.invalid/a.qcow2' }), operationContext()),
      ).rejects.toMatchObject(failed);
      await vault.configure(
        withoutBuiltIn(vault.remotes(), { remotes: [{ name: 'far', url: 'https://images.invalid/' }] }),
      );
      await expect(vault.refresh(0, operationContext())).rejects.toMatchObject(failed);
    } finally {
      delete process.env.ALL_PROXY;
    }
  });

  it('is fetched by https from a server whose certificate is known, and no further', async () => {
    const secure = await ImageServer.start(await disks.certify());
    try {
      secure.put('a.qcow2', image);
      secure.misbehave('plain', { kind: 'redirect', to: `${rig.server.url}a.qcow2` });
      rig.server.put('a.qcow2', image);
      await expect(vault.importUrl(params({ url: `${secure.url}a.qcow2` }), operationContext())).rejects.toMatchObject({
        code: 'image.download-failed',
        params: { reason: expect.stringContaining('certificate') },
      });
      await vault.configure(imageSettings.parse({ certificates: disks.in('cert.pem') }));
      await expect(vault.importUrl(params({ url: `${secure.url}plain` }), operationContext())).rejects.toMatchObject({
        code: 'image.download-refused',
        params: { reason: expect.stringContaining('https to http') },
      });
      expect((await vault.importUrl(params({ url: `${secure.url}a.qcow2` }), operationContext())).image.sourceUrl).toBe(
        `${secure.url}a.qcow2`,
      );
    } finally {
      await secure.close();
    }
  });

  it('is fetched by https from a server that this computer trusts', async () => {
    const secure = await ImageServer.start(await disks.certify());
    vi.stubEnv('SSL_CERT_FILE', disks.in('cert.pem')); // where OpenSSL looks, in place of /etc/ssl
    try {
      secure.put('a.qcow2', image);
      expect((await vault.importUrl(params({ url: `${secure.url}a.qcow2` }), operationContext())).image.sourceUrl).toBe(
        `${secure.url}a.qcow2`,
      );
    } finally {
      vi.unstubAllEnvs();
      await secure.close();
    }
  });
});

describe('families described by a catalogue file', () => {
  const families = ['debian', 'fedora', 'alpine', 'opensuse', 'rocky', 'almalinux', 'arch'];

  /**
   * The shapes of all seven: sums files of a folder or of one image, plain or as BSD writes them, a listed folder, a
   * bare digest.
   */
  async function openFamilies(): Promise<void> {
    const sha256 = digest('sha256', image);
    rig.server.put('debian/bookworm/latest/debian-12-genericcloud-amd64.qcow2', image);
    rig.server.put(
      'debian/bookworm/latest/SHA512SUMS',
      `${'0'.repeat(128)}  debian-12-generic-amd64.qcow2\n${digest('sha512', image)}  debian-12-genericcloud-amd64.qcow2\n`,
    );
    for (const version of ['1.2', '1.10'])
      rig.server.put(`fedora/43/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-43-${version}.x86_64.qcow2`, image);
    rig.server.put(
      'fedora/43/Cloud/x86_64/images/Fedora-Cloud-43-1.10-x86_64-CHECKSUM',
      `# Fedora\nSHA256 (Fedora-Cloud-Base-Generic-43-1.10.x86_64.qcow2) = ${sha256}\n`,
    );
    rig.server.put('alpine/v3.24/releases/cloud/nocloud_alpine-3.24.1-x86_64-bios-cloudinit-r0.qcow2', image);
    rig.server.put(
      'alpine/v3.24/releases/cloud/nocloud_alpine-3.24.1-x86_64-bios-cloudinit-r0.qcow2.sha512',
      digest('sha512', image),
    );
    rig.server.put('opensuse/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2', image);
    rig.server.put(
      'opensuse/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256',
      `${sha256}  Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2\n`,
    );
    const rocky = 'Rocky-9-GenericCloud-Base.latest.x86_64.qcow2';
    rig.server.put(`rocky/9/images/x86_64/${rocky}`, image);
    rig.server.put(
      `rocky/9/images/x86_64/${rocky}.CHECKSUM`,
      `# ${rocky}: ${image.length} bytes\nSHA256 (${rocky}) = ${sha256}\n`,
    );
    const alma = 'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2';
    rig.server.put(`almalinux/9/cloud/x86_64/images/${alma}`, image);
    rig.server.put(
      'almalinux/9/cloud/x86_64/images/CHECKSUM',
      `${'0'.repeat(64)}  AlmaLinux-9-GenericCloud-9.6-20260101.x86_64.qcow2\n${sha256}  ${alma}\n`,
    );
    rig.server.put('arch/latest/Arch-Linux-x86_64-cloudimg.qcow2', image);
    rig.server.put(
      'arch/latest/Arch-Linux-x86_64-cloudimg.qcow2.SHA256',
      `${sha256}  Arch-Linux-x86_64-cloudimg.qcow2\n`,
    );
    vault = await rig.openWith(
      await Promise.all(
        families.map(async (name) => {
          const family = JSON.parse(
            await readFile(path.join(assetsDirectory, 'catalogue', `${name}.json`), 'utf8'),
          ) as Record<string, unknown>;
          return { ...family, name, url: `${rig.server.url}${name}/` };
        }),
      ),
    );
    await vault.configure(imageSettings.parse({ disabled: ['ubuntu', 'ubuntu-daily'] }));
  }

  it.each([
    ['debian:12', 'debian'],
    ['bookworm', 'debian'],
    ['fedora:43', 'fedora'],
    ['alpine', 'alpine'],
    ['opensuse:leap', 'opensuse'],
    ['rocky:9', 'rocky'],
    ['almalinux:9', 'almalinux'],
    ['arch:latest', 'arch'],
  ])('%s is found and fetched', async (reference, os) => {
    await openFamilies();
    const record = await vault.ensure(reference, operationContext());
    expect(record.image).toMatchObject({ os, verification: 'https', origin: 'remote' });
    await expectSameDisk(record.diskPath);
  });

  it('takes a mirror at its word only where the digest is the official one', async () => {
    await openFamilies();
    rig.server.put(
      'mirror/bookworm/latest/debian-12-genericcloud-amd64.qcow2',
      Buffer.concat([image, Buffer.alloc(1)]),
    );
    await vault.configure(
      imageSettings.parse({
        disabled: ['ubuntu', 'ubuntu-daily', ...families.filter((name) => name !== 'debian')],
        mirrors: { debian: `${rig.server.url}mirror` },
      }),
    );
    await expectSameDisk((await vault.ensure('debian:12', operationContext())).diskPath);
    const asked = rig.server.seen
      .filter(({ path: seen }) => seen.endsWith('.qcow2'))
      .map(({ path: seen }) => seen.split('/')[1]);
    expect(asked).toEqual(['mirror', 'debian']);
    rig.server.seen.length = 0;
    await vault.remove((await vault.ensure('debian:12', operationContext())).image.fingerprint, { uid: 0 });
    rig.server.put('mirror/bookworm/latest/debian-12-genericcloud-amd64.qcow2', image);
    expect((await vault.ensure('debian:12', operationContext())).image.sourceUrl).toBe(
      `${rig.server.url}debian/bookworm/latest/debian-12-genericcloud-amd64.qcow2`,
    );
    expect(rig.server.seen.map(({ path: seen }) => seen.split('/')[1])).toEqual(['mirror']);
  });

  it('refuses a list without the image, or with two digests of it', async () => {
    await openFamilies();
    rig.server.put(
      'debian/bookworm/latest/SHA512SUMS',
      `${'0'.repeat(128)}  debian-12-genericcloud-amd64.qcow2\n${'1'.repeat(128)}  debian-12-genericcloud-amd64.qcow2\n`,
    );
    await expect(vault.ensure('debian:12', operationContext())).rejects.toMatchObject({
      code: 'image.catalogue-invalid',
    });
  });
});

describe('upkeep', () => {
  it('expires what was fetched and not used, keeps what is pinned or used, and sees damage', async () => {
    putSimplestreams(rig.server, '', [
      {
        version: '24.04',
        codename: 'noble',
        aliases: 'lts',
        builds: { '1': { ftype: 'disk1.img', path: 'a.img', content: image } },
      },
    ]);
    await vault.configure(withoutBuiltIn(vault.remotes(), { remotes: [{ name: 'local', url: rig.server.url }] }));
    await writeFile(disks.in('other.raw'), Buffer.alloc(mebibyte, 'other'));
    const { image: fetched } = await vault.ensure('local:24.04', operationContext());
    await vault.import(
      imageImportParams.parse({ path: disks.in('other.raw'), format: 'raw', alias: 'mine' }),
      operationContext(),
    );
    await rig.store(fetched.fingerprint, {
      addedAt: '2020-01-01T00:00:00.000Z',
      lastUsedAt: '2020-01-02T00:00:00.000Z',
    });
    await writeFile(path.join(rig.files.downloads, 'old.partial'), 'x');
    await utimes(path.join(rig.files.downloads, 'old.partial'), 1, 1);
    vault = await rig.open(); // the index is rebuilt from the directory
    expect(await readdir(rig.files.downloads)).toEqual([]);
    expect(
      vault.list(() => [], { uid: 0 }).find(({ fingerprint }) => fingerprint === fetched.fingerprint),
    ).toMatchObject({ expiresAt: '2020-01-16T00:00:00.000Z', diskUseBytes: expect.any(Number) });
    await vault.verify(fetched.fingerprint, operationContext());
    expect(await vault.prune(() => true, true)).toEqual({ removed: [], freedBytes: 0 });
    await vault.setPinned(fetched.fingerprint, true, { uid: 0 });
    expect((await vault.prune(() => false, false)).removed).toEqual([]);
    await vault.setPinned(fetched.fingerprint, false, { uid: 0 });
    const handle = await open(rig.files.image(fetched.fingerprint).disk, 'r+');
    await handle.write(Buffer.from('x'), 0, 1, 300_000);
    await handle.close();
    await expect(vault.verify(fetched.fingerprint, operationContext())).rejects.toMatchObject({
      code: 'image.damaged',
    });
    const pruned = await vault.prune(() => false, false);
    expect(pruned).toMatchObject({ removed: [fetched.fingerprint] });
    expect(pruned.freedBytes).toBeGreaterThan(mebibyte);
    expect(vault.list(() => [], { uid: 0 }).map(({ aliases }) => aliases)).toEqual([['mine']]);
  });
});
