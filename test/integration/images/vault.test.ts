// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageImportParams, type ImageImportParams } from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { operationContext } from '../../support/operation-context.ts';
import { tinyImage } from '../../support/tiny-image.ts';

const runner = new LocalProcessRunner();
const signal = AbortSignal.timeout(600_000);
const caller = 12_345;
const mebibyte = 1024 ** 2;
let rig: ImageRig;
let vault: LocalImages;

beforeEach(async () => {
  rig = await ImageRig.start({ tuning: { stallMs: 1000, backOffMs: 1, attempts: 1 } });
  vault = await rig.open();
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const qemuImg = async (...args: string[]): Promise<string> =>
  (await runner.run({ program: 'qemu-img', args, confinement: 'none-needed' }, { signal })).stdout;
const params = (file: string, more: Partial<ImageImportParams> = {}): ImageImportParams =>
  imageImportParams.parse({ path: file, format: 'qcow2', alias: 'mine', ...more });

/** A disk with recognisable content, owned by the caller. */
async function makeDisk(format: 'qcow2' | 'raw', ...more: string[]): Promise<string> {
  const raw = rig.in('content.raw');
  const handle = await open(raw, 'w');
  await handle.truncate(64 * mebibyte);
  await handle.write(Buffer.alloc(mebibyte, 'berth'), 0, mebibyte, 5 * mebibyte);
  await handle.close();
  const file = rig.in(`disk.${format}`);
  await qemuImg('convert', '-f', 'raw', '-O', format, ...more, raw, file);
  await chown(file, caller, caller);
  await chmod(file, 0o600);
  return file;
}

/** Without the moments at which something was set aside. */
async function namesInVault(): Promise<string[]> {
  return (await readdir(rig.files.images)).map((name) => name.replace(/\.corrupt-.*/, '.corrupt')).sort();
}

async function expectEmptyVault(): Promise<void> {
  expect(await readdir(rig.files.images)).toEqual([]);
  expect(vault.list(() => [], { uid: 0 })).toEqual([]);
}

describe('import', () => {
  it.each(['qcow2', 'raw'] as const)('takes a %s file that only the caller may read', async (format) => {
    const file = await makeDisk(format);
    const ctx = operationContext({ uid: caller });
    const digest = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const record = await vault.import(params(file, { format, sha256: digest, title: 'Mine' }), ctx);
    expect(record.image).toMatchObject({
      aliases: ['mine'],
      title: 'Mine',
      origin: 'imported',
      boot: 'disk',
      virtualBytes: 64 * mebibyte,
    });
    expect(
      createHash('sha256')
        .update(await readFile(record.diskPath))
        .digest('hex'),
    ).toBe(record.image.fingerprint);
    expect(await qemuImg('compare', '-f', 'raw', '-F', 'qcow2', rig.in('content.raw'), record.diskPath)).toContain(
      'identical',
    );
    const { mode, uid } = await stat(record.diskPath);
    expect([mode & 0o777, uid]).toEqual([0o440, 0]); // of one user: docs/on-disk.md
    expect(ctx.steps.map((step) => step.step)).toEqual(
      expect.arrayContaining(['copy', 'inspect', 'convert', 'fingerprint']),
    );
    expect(await readdir(rig.files.images)).toEqual([record.image.fingerprint]);
    expect(vault.find('mine', { uid: caller })?.image.fingerprint).toBe(record.image.fingerprint);
  });

  it('refuses what the caller cannot read, and says who and what', async () => {
    const file = await makeDisk('qcow2');
    await expect(vault.import(params(file), operationContext({ uid: 54_321 }))).rejects.toMatchObject({
      code: 'image.source-denied',
      params: { uid: 54_321, path: file },
    });
    await expect(
      vault.import(params('/etc/shadow', { format: 'raw' }), operationContext({ uid: caller })),
    ).rejects.toMatchObject({ code: 'image.source-denied' });
    await expect(vault.import(params(rig.in('absent')), operationContext({ uid: caller }))).rejects.toMatchObject({
      code: 'image.source-denied',
    });
    await expectEmptyVault();
  });

  it('refuses a device, a folder and a pipe', async () => {
    const pipe = rig.in('pipe');
    await runner.run(
      { program: 'sh', args: ['-c', 'mkfifo -m 0666 "$1"', 'sh', pipe], confinement: 'none-needed' },
      { signal },
    );
    for (const file of ['/dev/zero', '/tmp', pipe]) {
      await expect(
        vault.import(params(file, { format: 'raw' }), operationContext({ uid: caller })),
      ).rejects.toMatchObject({ code: 'image.unsupported-format' });
    }
    await expectEmptyVault();
  });

  it('refuses every file that reaches outside itself or is no honest disk', async () => {
    const good = await makeDisk('qcow2');
    const secret = rig.in('secret');
    await writeFile(secret, Buffer.alloc(mebibyte, 'secret'));
    const made = async (name: string, make: (file: string) => Promise<unknown>): Promise<string> => {
      const file = rig.in(name);
      await make(file);
      await chmod(file, 0o644);
      return file;
    };
    const hostile = [
      params(await made('backed', (file) => qemuImg('create', '-q', '-f', 'qcow2', '-b', secret, '-F', 'raw', file))),
      params(
        await made('data-file', (file) =>
          qemuImg('create', '-q', '-f', 'qcow2', '-o', `data_file=${rig.in('data')},data_file_raw=on`, file, '1M'),
        ),
      ),
      params(await made('huge', (file) => qemuImg('create', '-q', '-f', 'qcow2', file, '17T'))),
      params(await made('cut', (file) => writeFile(file, Buffer.alloc(80, 'QFI\xfb', 'latin1')))),
      params(await made('vmdk', (file) => qemuImg('create', '-q', '-f', 'vmdk', file, '1M')), { format: 'raw' }),
      params(await made('vdi', (file) => qemuImg('create', '-q', '-f', 'vdi', file, '1M')), { format: 'raw' }),
      params(await made('empty', (file) => writeFile(file, '')), { format: 'raw' }),
      params(await made('text', (file) => writeFile(file, 'hello'))),
      params(good, { format: 'raw' }),
    ];
    for (const item of hostile) {
      await expect(vault.import(item, operationContext({ uid: caller })), item.path).rejects.toMatchObject({
        code: 'image.unsupported-format',
      });
    }
    await expectEmptyVault();
  });

  it('refuses another digest and a catalogue name', async () => {
    const file = await makeDisk('qcow2');
    await expect(
      vault.import(params(file, { sha256: '0'.repeat(64) }), operationContext({ uid: caller })),
    ).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    await expect(
      vault.import(
        imageImportParams.parse({ path: file, format: 'qcow2', alias: 'tiny' }),
        operationContext({ uid: caller }),
      ),
    ).rejects.toMatchObject({ code: 'image.alias-reserved' });
    await expectEmptyVault();
  });

  it('leaves nothing of a file that qemu-img gives up on', async () => {
    const file = await makeDisk('qcow2');
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(65_536, 0xff), 0, 65_536, 3 * 65_536); // the first-level table
    await handle.close();
    await expect(vault.import(params(file), operationContext({ uid: caller }))).rejects.toMatchObject({
      code: 'image.conversion-failed',
    });
    await expectEmptyVault();
  });

  it.each(['copy', 'convert'])('leaves nothing when it is cancelled during %s', async (step) => {
    const file = await makeDisk('raw');
    const abort = new AbortController();
    const ctx = operationContext({
      uid: caller,
      signal: abort.signal,
      onReport: (progress) => {
        if (progress.step === step) abort.abort();
      },
    });
    await expect(vault.import(params(file, { format: 'raw' }), ctx)).rejects.toMatchObject({ name: 'AbortError' });
    await expectEmptyVault();
  });
});

describe('vault', () => {
  it('takes a ready image, finds it again after a restart, and removes it', async () => {
    const source = await tinyImage();
    let changes = 0;
    vault.onChange(() => {
      changes += 1;
    });
    const record = await vault.adoptBuilt(source, signal);
    expect(changes).toBeGreaterThan(0);
    expect(record.kernel?.commandLine).toContain('console=ttyS0');
    expect(await vault.ensure('tiny', operationContext())).toEqual(record);

    const again = await rig.open();
    expect(again.find(record.image.fingerprint.slice(0, 12), { uid: caller })).toEqual(record);
    await again.remove(record.image.fingerprint, { uid: 0 });
    expect(await readdir(rig.files.images)).toEqual([]);
    expect(again.find('tiny', { uid: caller })).toBeUndefined();
    expect((await stat(path.join(source, 'disk.qcow2'))).size).toBeGreaterThan(0);
  });

  it('refuses a ready image whose disk is another', async () => {
    const source = rig.in('changed');
    await cp(await tinyImage(), source, { recursive: true });
    await chmod(path.join(source, 'disk.qcow2'), 0o644);
    await writeFile(path.join(source, 'disk.qcow2'), 'changed');
    await expect(vault.adoptBuilt(source, signal)).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    await expectEmptyVault();
  });

  it('sets an image aside whose record is unreadable or missing, and clears only its own leftovers', async () => {
    const record = await vault.adoptBuilt(await tinyImage(), signal);
    const image = rig.files.image(record.image.fingerprint);
    await rm(image.record);
    await writeFile(image.record, '{ "schema": 1,');
    const bare = 'b'.repeat(64);
    await runner.run(
      {
        program: 'sh',
        args: ['-c', 'cd "$1" && mkdir .new-1 .build-2 other "$2" && touch .new-1/x', 'sh', rig.files.images, bare],
        confinement: 'none-needed',
      },
      { signal },
    );
    const again = await rig.open();
    expect(again.list(() => [], { uid: 0 })).toEqual([]);
    expect(await namesInVault()).toEqual([`${record.image.fingerprint}.corrupt`, `${bare}.corrupt`, 'other'].sort());
    await again.prune(() => false, false);
    expect(await namesInVault()).toEqual(['other']);
  });

  it('leaves an image where it is while the medium does not answer', async () => {
    const record = await vault.adoptBuilt(await tinyImage(), signal);
    const image = rig.files.image(record.image.fingerprint);
    const shell = async (script: string, ...words: string[]): Promise<unknown> =>
      await runner.run(
        { program: 'sh', args: ['-ec', script, 'sh', ...words], confinement: 'none-needed' },
        { signal },
      );
    // EIO at its beginning (proc(5)), where nothing is mapped
    await shell('mount --bind "$1" "$2"', `/proc/${process.pid}/mem`, image.record);
    try {
      const again = await rig.open();
      expect(again.list(() => [], { uid: 0 })).toEqual([]);
      await again.prune(() => false, true);
    } finally {
      await shell('umount "$1"', image.record);
    }
    expect((await rig.open()).find('tiny', { uid: caller })?.image.fingerprint).toBe(record.image.fingerprint);
  });

  it('looks again at an image that a loss of power may have cut short', async () => {
    const record = await vault.import(
      params(await makeDisk('raw'), { format: 'raw' }),
      operationContext({ uid: caller }),
    );
    const { fingerprint } = record.image;
    const image = rig.files.image(fingerprint);
    expect(await rig.stored(fingerprint)).toMatchObject({ isSettled: false });
    const other = await rig.open(); // as after the loss of power, with all bytes there
    expect(other.find('mine', { uid: caller })).toBeDefined();
    await Promise.all([vault.settled(), other.settled()]);
    expect(await rig.stored(fingerprint)).not.toHaveProperty('isSettled');
    await rig.store(fingerprint, { isSettled: false });
    await truncate(image.disk, 100_000);
    expect((await rig.open()).list(() => [], { uid: 0 })).toEqual([]);
    expect(await namesInVault()).toEqual([`${fingerprint}.corrupt`]);
  });

  it('a loss of power that takes a new image gives its name back to the one that had it', async () => {
    const had = await vault.import(params(await makeDisk('raw'), { format: 'raw' }), operationContext({ uid: caller }));
    const other = rig.in('other.raw');
    await writeFile(other, Buffer.alloc(mebibyte, 'x'));
    await chmod(other, 0o644);
    const has = await vault.import(params(other, { format: 'raw' }), operationContext({ uid: caller }));
    const owner = async (images: LocalImages): Promise<string | undefined> =>
      images.find('mine', { uid: caller })?.image.fingerprint;
    expect(await owner(vault)).toBe(has.image.fingerprint);
    const copy = rig.in('copy');
    await cp(rig.files.images, copy, { recursive: true });
    await vault.settled();
    expect(await owner(await rig.open())).toBe(has.image.fingerprint);
    expect(await rig.stored(had.image.fingerprint)).toMatchObject({ names: [] });
    await rm(rig.files.images, { recursive: true });
    await cp(copy, rig.files.images, { recursive: true });
    await rig.store(has.image.fingerprint, { writtenInBoot: 'another' });
    await truncate(rig.files.image(has.image.fingerprint).disk, 100_000);
    expect(await owner(await rig.open())).toBe(had.image.fingerprint);
  });

  it('gives an alias to the newest image that has it', async () => {
    const first = await vault.import(
      params(await makeDisk('raw'), { format: 'raw' }),
      operationContext({ uid: caller }),
    );
    const second = await vault.import(
      params(await makeDisk('qcow2', '-o', 'cluster_size=128k'), {}),
      operationContext({ uid: caller }),
    );
    // both are converted to the same content: one image, whichever way it came
    expect(second.image.fingerprint).toBe(first.image.fingerprint);
    const other = rig.in('other.raw');
    await writeFile(other, Buffer.alloc(mebibyte, 'x'));
    await chmod(other, 0o644);
    const third = await vault.import(params(other, { format: 'raw' }), operationContext({ uid: caller }));
    expect((await rig.open()).find('mine', { uid: caller })?.image.fingerprint).toBe(third.image.fingerprint);
    expect(vault.base(first.image.fingerprint)?.image.aliases).toEqual([]);
  });

  it('makes an overlay of the asked size that reads as its image and can be written', async () => {
    const record = await vault.adoptBuilt(await tinyImage(), signal);
    const overlay = rig.in('overlay.qcow2');
    await vault.createOverlay(
      { base: record, path: overlay, sizeBytes: 10 * 1024 ** 3, owner: { uid: 23_456, gid: 23_457 } },
      signal,
    );
    const { uid, gid, mode } = await stat(overlay);
    expect([uid, gid, mode & 0o777]).toEqual([23_456, 23_457, 0o600]);
    expect(JSON.parse(await qemuImg('info', '--output=json', overlay))).toMatchObject({
      format: 'qcow2',
      'virtual-size': 10 * 1024 ** 3,
      'backing-filename': record.diskPath,
      'backing-filename-format': 'qcow2',
    });
    expect(await qemuImg('check', overlay)).toContain('No errors');
    expect(await qemuImg('compare', overlay, record.diskPath)).toContain('identical');
    expect(vault.find('tiny', { uid: caller })?.image.lastUsedAt).toBeDefined();
    await expect(
      vault.createOverlay(
        { base: record, path: overlay, sizeBytes: 10 * 1024 ** 3, owner: { uid: 1, gid: 1 } },
        signal,
      ),
    ).rejects.toMatchObject({ code: 'storage.failed' });
    await expect(
      vault.createOverlay({ base: record, path: `${overlay}2`, sizeBytes: 1024, owner: { uid: 1, gid: 1 } }, signal),
    ).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('keeps an image that any disk stands on, whether or not a record says so', async () => {
    const record = await vault.import(
      params(await makeDisk('raw'), { format: 'raw' }),
      operationContext({ uid: caller }),
    );
    const disk = path.join(rig.files.instances, 'broken', 'disk.qcow2');
    await mkdir(path.dirname(disk), { recursive: true });
    await vault.createOverlay({ base: record, path: disk, sizeBytes: 1024 ** 3, owner: { uid: 1, gid: 1 } }, signal);
    await expect(vault.remove(record.image.fingerprint, { uid: 0 })).rejects.toMatchObject({
      code: 'image.in-use',
      params: { users: 'broken' },
    });
    expect(await vault.prune(() => false, true)).toEqual({ removed: [], freedBytes: 0 });
    await rm(path.dirname(disk), { recursive: true });
    expect((await vault.prune(() => false, true)).removed).toEqual([record.image.fingerprint]);
  });

  it('knows nothing of an image nobody has', async () => {
    await expect(vault.ensure('no-such', operationContext())).rejects.toMatchObject({ code: 'image.not-found' });
    await expectEmptyVault();
  });
});
