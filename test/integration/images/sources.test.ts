// SPDX-License-Identifier: MIT
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageImportParams, imageImportUrlParams, imageSettings, type ImportFormat, type Packing } from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer } from '../../support/image-server.ts';
import { digest, putSimplestreams } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';

const runner = new LocalProcessRunner();
const log = pino({ level: 'silent' });
const signal = AbortSignal.timeout(600_000);
const mebibyte = 1024 ** 2;
let room = '';
let directory = '';
let files: Files;
let vault: LocalImages;
let server: ImageServer;
let image: Buffer;

const run = async (program: string, ...args: string[]): Promise<string> => (await runner.run({ program, args, confinement: 'none-needed' }, { signal })).stdout;
const shell = async (script: string): Promise<string> => await run('sh', '-ec', `cd ${room}; ${script}`);

beforeAll(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-sources-'));
  const raw = Buffer.alloc(6 * mebibyte);
  for (let at = 0; at < raw.length; at += 512) raw.writeUInt32LE(Math.imul(at + 7, 2654435761) >>> 0, at);
  await writeFile(path.join(room, 'a.raw'), raw);
  for (const format of ['qcow2', 'vmdk', 'vdi', 'vhdx']) await run('qemu-img', 'convert', '-f', 'raw', '-O', format, path.join(room, 'a.raw'), path.join(room, `a.${format}`));
  await run('qemu-img', 'convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', path.join(room, 'a.raw'), path.join(room, 'stream.vmdk'));
  await shell('xz -k -0 a.raw; zstd -q -k a.raw -o a.raw.zst; gzip -k a.raw; bzip2 -k a.raw; xz -k -0 a.qcow2');
  image = await readFile(path.join(room, 'a.qcow2'));
});
afterAll(async () => { await rm(room, { recursive: true }); });

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-sources-state-'));
  await chmod(directory, 0o755);
  files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  await mkdir(files.stateDirectory, { mode: 0o711 });
  server = await ImageServer.start();
  vault = await openVault();
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, maxRetries: 5 });
});

const openVault = async (assets = assetsDirectory): Promise<LocalImages> => await LocalImages.open({ files, runner, log, assetsDirectory: assets, tuning: { stallMs: 2000, backOffMs: 20, attempts: 3 } });

async function expectSameDisk(disk: string): Promise<void> {
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'qcow2', path.join(room, 'a.raw'), disk)).toContain('identical');
}

async function importFile(name: string, format: ImportFormat, packing: Packing = 'none'): Promise<string> {
  const record = await vault.import(imageImportParams.parse({ path: path.join(room, name), format, packing, alias: 'mine' }), operationContext());
  return record.diskPath;
}

describe('local files', () => {
  it.each([
    ['a.qcow2', 'qcow2', 'none'], ['a.vmdk', 'vmdk', 'none'], ['stream.vmdk', 'vmdk', 'none'], ['a.vdi', 'vdi', 'none'], ['a.vhdx', 'vhdx', 'none'],
    ['a.raw.xz', 'raw', 'xz'], ['a.raw.zst', 'raw', 'zst'], ['a.raw.gz', 'raw', 'gz'], ['a.raw.bz2', 'raw', 'bz2'], ['a.qcow2.xz', 'qcow2', 'xz'],
  ] as const)('%s is taken', async (name, format, packing) => {
    await expectSameDisk(await importFile(name, format, packing));
  });
});

describe('a URL', () => {
  const params = (more: Readonly<Record<string, unknown>> = {}) => imageImportUrlParams.parse({ url: `${server.url}a.qcow2`, format: 'qcow2', alias: 'mine', ...more });

  it('is taken with its digest, or held to what came the first time', async () => {
    server.put('a.qcow2', image);
    const first = await vault.importUrl(params(), operationContext());
    expect(first.image).toMatchObject({ origin: 'imported', verification: 'first-use', aliases: ['mine'] });
    await vault.remove(first.image.fingerprint);
    server.put('a.qcow2', Buffer.concat([image, Buffer.alloc(512)]));
    await expect(vault.importUrl(params(), operationContext())).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    await expect(vault.importUrl(params({ sha256: digest('sha256', image) }), operationContext())).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    expect(await readdir(files.downloads)).toEqual([]);
    server.put('a.qcow2', image);
    expect((await vault.importUrl(params({ sha512: digest('sha512', image) }), operationContext())).image.verification).toBe('digest');
    await expect(vault.importUrl(params({ url: 'http://192.0.2.1/a' }), operationContext())).rejects.toMatchObject({ code: 'image.download-refused' });
  });

  it('is fetched by two at a time under two names, and neither harms the other', async () => {
    server.put('a.qcow2', image);
    server.misbehave('a.qcow2', { kind: 'slow', bytesPerSecond: 16 * mebibyte });
    const leaving = new AbortController();
    const left = expect(vault.importUrl(params({ alias: 'gone' }), operationContext({ signal: leaving.signal, onReport: () => leaving.abort() }))).rejects.toMatchObject({ name: 'AbortError' });
    const records = await Promise.all(['one', 'two'].map(async (alias) => await vault.importUrl(params({ alias }), operationContext())));
    await left;
    for (const { diskPath } of records) await expectSameDisk(diskPath);
    expect(vault.list(() => []).map(({ aliases }) => [...aliases].sort())).toEqual([['one', 'two']]);
    expect(await readdir(files.downloads)).toEqual([]);
  });

  it('is asked through the proxy, but for hosts that are excepted', async () => {
    server.put('a.qcow2', image);
    const far = params({ url: 'http://images.invalid/a.qcow2', sha256: digest('sha256', image) });
    await vault.configure(imageSettings.parse({ proxy: server.url }));
    expect((await vault.importUrl(far, operationContext())).image.sourceUrl).toBe(far.url);
    await vault.configure(imageSettings.parse({ proxy: server.url, noProxy: 'images.invalid' }));
    await expect(vault.importUrl({ ...far, url: `${far.url}?again` }, operationContext())).rejects.toMatchObject({ code: 'image.download-failed' });
    expect(server.seen).toHaveLength(1);
  });

  it('is fetched by https from a server whose certificate is known, and no further', async () => {
    await shell('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null; chmod 0644 cert.pem; chmod 0755 .');
    const secure = await ImageServer.start({ key: await readFile(path.join(room, 'key.pem'), 'utf8'), cert: await readFile(path.join(room, 'cert.pem'), 'utf8') });
    try {
      secure.put('a.qcow2', image);
      secure.misbehave('plain', { kind: 'redirect', to: `${server.url}a.qcow2` });
      server.put('a.qcow2', image);
      await expect(vault.importUrl(params({ url: `${secure.url}a.qcow2` }), operationContext())).rejects.toMatchObject({ code: 'image.download-failed', params: { reason: expect.stringContaining('certificate') } });
      await vault.configure(imageSettings.parse({ certificates: path.join(room, 'cert.pem') }));
      await expect(vault.importUrl(params({ url: `${secure.url}plain` }), operationContext())).rejects.toMatchObject({ code: 'image.download-refused', params: { reason: expect.stringContaining('https to http') } });
      expect((await vault.importUrl(params({ url: `${secure.url}a.qcow2` }), operationContext())).image.sourceUrl).toBe(`${secure.url}a.qcow2`);
    } finally {
      await secure.close();
    }
  });
});

describe('families described by a catalogue file', () => {
  const families = ['debian', 'fedora', 'alpine', 'opensuse', 'rocky', 'almalinux', 'arch'];

  /** The shapes of all seven: sums files of a folder or of one image, plain or as BSD writes them, a listed folder, a bare digest. */
  async function openFamilies(): Promise<void> {
    const assets = path.join(directory, 'assets');
    await mkdir(path.join(assets, 'catalogue'), { recursive: true });
    for (const name of families) {
      const family = JSON.parse(await readFile(path.join(assetsDirectory, 'catalogue', `${name}.json`), 'utf8')) as Record<string, unknown>;
      await writeFile(path.join(assets, 'catalogue', `${name}.json`), JSON.stringify({ ...family, url: `${server.url}${name}/` }));
    }
    await symlink(path.join(assetsDirectory, 'launcher'), path.join(assets, 'launcher'));
    const sha256 = digest('sha256', image);
    server.put('debian/bookworm/latest/debian-12-genericcloud-amd64.qcow2', image);
    server.put('debian/bookworm/latest/SHA512SUMS', `${'0'.repeat(128)}  debian-12-generic-amd64.qcow2\n${digest('sha512', image)}  debian-12-genericcloud-amd64.qcow2\n`);
    for (const version of ['1.2', '1.10']) server.put(`fedora/43/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-43-${version}.x86_64.qcow2`, image);
    server.put('fedora/43/Cloud/x86_64/images/Fedora-Cloud-43-1.10-x86_64-CHECKSUM', `# Fedora\nSHA256 (Fedora-Cloud-Base-Generic-43-1.10.x86_64.qcow2) = ${sha256}\n`);
    server.put('alpine/v3.24/releases/cloud/nocloud_alpine-3.24.1-x86_64-bios-cloudinit-r0.qcow2', image);
    server.put('alpine/v3.24/releases/cloud/nocloud_alpine-3.24.1-x86_64-bios-cloudinit-r0.qcow2.sha512', digest('sha512', image));
    server.put('opensuse/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2', image);
    server.put('opensuse/16.0/appliances/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256', `${sha256}  Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2\n`);
    const rocky = 'Rocky-9-GenericCloud-Base.latest.x86_64.qcow2';
    server.put(`rocky/9/images/x86_64/${rocky}`, image);
    server.put(`rocky/9/images/x86_64/${rocky}.CHECKSUM`, `# ${rocky}: ${image.length} bytes\nSHA256 (${rocky}) = ${sha256}\n`);
    const alma = 'AlmaLinux-9-GenericCloud-latest.x86_64.qcow2';
    server.put(`almalinux/9/cloud/x86_64/images/${alma}`, image);
    server.put('almalinux/9/cloud/x86_64/images/CHECKSUM', `${'0'.repeat(64)}  AlmaLinux-9-GenericCloud-9.6-20260101.x86_64.qcow2\n${sha256}  ${alma}\n`);
    server.put('arch/latest/Arch-Linux-x86_64-cloudimg.qcow2', image);
    server.put('arch/latest/Arch-Linux-x86_64-cloudimg.qcow2.SHA256', `${sha256}  Arch-Linux-x86_64-cloudimg.qcow2\n`);
    vault = await openVault(assets);
    await vault.configure(imageSettings.parse({ disabled: ['ubuntu', 'ubuntu-daily'] }));
  }

  it.each([['debian:12', 'debian'], ['bookworm', 'debian'], ['fedora:43', 'fedora'], ['alpine', 'alpine'], ['opensuse:leap', 'opensuse'], ['rocky:9', 'rocky'], ['almalinux:9', 'almalinux'], ['arch:latest', 'arch']])('%s is found and fetched', async (reference, os) => {
    await openFamilies();
    const record = await vault.ensure(reference, operationContext());
    expect(record.image).toMatchObject({ os, verification: 'https', origin: 'remote' });
    await expectSameDisk(record.diskPath);
  });

  it('takes a mirror at its word only where the digest is the official one', async () => {
    await openFamilies();
    server.put('mirror/bookworm/latest/debian-12-genericcloud-amd64.qcow2', Buffer.concat([image, Buffer.alloc(1)]));
    await vault.configure(imageSettings.parse({ disabled: ['ubuntu', 'ubuntu-daily', ...families.filter((name) => name !== 'debian')], mirrors: { debian: `${server.url}mirror` } }));
    await expectSameDisk((await vault.ensure('debian:12', operationContext())).diskPath);
    const asked = server.seen.filter(({ path: seen }) => seen.endsWith('.qcow2')).map(({ path: seen }) => seen.split('/')[1]);
    expect(asked).toEqual(['mirror', 'debian']);
    server.seen.length = 0;
    await vault.remove((await vault.ensure('debian:12', operationContext())).image.fingerprint);
    server.put('mirror/bookworm/latest/debian-12-genericcloud-amd64.qcow2', image);
    expect((await vault.ensure('debian:12', operationContext())).image.sourceUrl).toBe(`${server.url}debian/bookworm/latest/debian-12-genericcloud-amd64.qcow2`);
    expect(server.seen.map(({ path: seen }) => seen.split('/')[1])).toEqual(['mirror']);
  });

  it('refuses a list without the image, or with two digests of it', async () => {
    await openFamilies();
    server.put('debian/bookworm/latest/SHA512SUMS', `${'0'.repeat(128)}  debian-12-genericcloud-amd64.qcow2\n${'1'.repeat(128)}  debian-12-genericcloud-amd64.qcow2\n`);
    await expect(vault.ensure('debian:12', operationContext())).rejects.toMatchObject({ code: 'image.catalogue-invalid' });
  });
});

describe('upkeep', () => {
  it('expires what was fetched and not used, keeps what is pinned or used, and sees damage', async () => {
    putSimplestreams(server, '', [{ version: '24.04', codename: 'noble', aliases: 'lts', builds: { '1': { ftype: 'disk1.img', path: 'a.img', content: image } } }]);
    const settings = imageSettings.parse({ disabled: ['ubuntu', 'ubuntu-daily', 'debian', 'fedora', 'alpine', 'rocky', 'almalinux', 'opensuse', 'arch'], remotes: [{ name: 'local', url: server.url }] });
    await vault.configure(settings);
    await writeFile(path.join(room, 'other.raw'), Buffer.alloc(mebibyte, 'other'));
    const { image: fetched } = await vault.ensure('local:24.04', operationContext());
    await vault.import(imageImportParams.parse({ path: path.join(room, 'other.raw'), format: 'raw', alias: 'mine' }), operationContext());
    const record = path.join(files.image(fetched.fingerprint).directory, 'image.json');
    const aged = { ...JSON.parse(await readFile(record, 'utf8')) as object, addedAt: '2020-01-01T00:00:00.000Z', lastUsedAt: '2020-01-02T00:00:00.000Z' };
    await chmod(record, 0o644);
    await writeFile(record, JSON.stringify(aged));
    await writeFile(path.join(files.downloads, 'old.partial'), 'x');
    await utimes(path.join(files.downloads, 'old.partial'), 1, 1);
    vault = await openVault(); // the index is rebuilt from the directory
    expect(await readdir(files.downloads)).toEqual([]);
    expect(vault.list(() => []).find(({ fingerprint }) => fingerprint === fetched.fingerprint)).toMatchObject({ expiresAt: '2020-01-16T00:00:00.000Z', diskUseBytes: expect.any(Number) });
    await vault.verify(fetched.fingerprint, operationContext());
    expect(await vault.prune(() => true, true)).toEqual({ removed: [], freedBytes: 0 });
    await vault.setPinned(fetched.fingerprint, true);
    expect((await vault.prune(() => false, false)).removed).toEqual([]);
    await vault.setPinned(fetched.fingerprint, false);
    const handle = await open(files.image(fetched.fingerprint).disk, 'r+');
    await handle.write(Buffer.from('x'), 0, 1, 300_000);
    await handle.close();
    await expect(vault.verify(fetched.fingerprint, operationContext())).rejects.toMatchObject({ code: 'image.damaged' });
    const pruned = await vault.prune(() => false, false);
    expect(pruned).toMatchObject({ removed: [fetched.fingerprint] });
    expect(pruned.freedBytes).toBeGreaterThan(mebibyte);
    expect(vault.list(() => []).map(({ aliases }) => aliases)).toEqual([['mine']]);
  });
});
