// SPDX-License-Identifier: MIT
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImageImportUrlParams, ImportFormat, Packing } from '#contract/images.ts';
import { HelperError } from '../../core/errors.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import { convert } from '../convert/convert.ts';
import { downloadFile, type Digest, type DownloadedFile, type FileRequest } from './download-file.ts';
import type { DownloadServices } from './download-services.ts';
import type { FirstUse } from './first-use.ts';
import { hostArchitecture } from '../catalogue/host-architecture.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import { ownedBy } from '../vault/owned-by.ts';
import { fullAlias, type FoundImage } from '../sources/remote-book.ts';
import type { BringContext } from '../vault/staging-source.ts';
import { takeOut } from '../convert/take-out.ts';

type Described = Pick<
  ImageRecord,
  'aliases' | 'ownerUids' | 'names' | 'title' | 'os' | 'release' | 'architecture' | 'origin' | 'defaultUser' | 'source'
>;

interface Staging {
  /** A directory of the vault that is no image yet; `disk.qcow2` is left in it. */
  readonly staged: string;
  readonly services: DownloadServices;
  readonly context: BringContext;
}

/**
 * Fetches a remote's image, from the mirror where there is one and it has the very same file, and
 * converts it.
 * @throws HelperError as {@link downloadFile} and {@link convert}
 */
export async function fetchRemoteImage(
  { remote, image, list }: FoundImage,
  mirror: string | undefined,
  staging: Staging,
): Promise<ImageRecord> {
  const request = { digest: image.digest, totalBytes: image.downloadBytes, target: await targetIn(staging) };
  const official = { ...request, url: `${remote.url}${image.path}` };
  const file = await downloadFromMirror(
    mirror === undefined ? undefined : { ...request, url: `${mirror.replace(/\/?$/, '/')}${image.path}` },
    official,
    staging,
  );
  return await toRecord(file, { url: official.url, format: image.format, packing: image.packing }, staging, {
    aliases: [fullAlias(remote.name, image)],
    title: image.title,
    os: image.os,
    release: image.release,
    architecture: image.architecture,
    origin: 'remote',
    defaultUser: image.defaultUser,
    source: { url: official.url, digest: image.digest, version: image.version, verification: list.verification },
  });
}

/**
 * Fetches an image from a user's URL. Without a digest, the first download's is recorded and every
 * later one must equal it.
 * @throws HelperError as {@link fetchRemoteImage}
 */
export async function fetchUrlImage(
  params: ImageImportUrlParams,
  uid: number,
  firstUse: FirstUse,
  staging: Staging,
): Promise<ImageRecord> {
  const { url, sha256, sha512 } = params;
  const given: Digest | undefined =
    sha256 !== undefined
      ? { algorithm: 'sha256', hex: sha256 }
      : sha512 !== undefined
        ? { algorithm: 'sha512', hex: sha512 }
        : undefined;
  const known = given ?? (await firstUse.digestOf(url, uid));
  const file = await downloadFile(
    { url, digest: known, target: await targetIn(staging) },
    staging.services,
    staging.context,
  );
  const record = await toRecord(file, { url, format: params.format, packing: params.packing }, staging, {
    ...ownedBy(uid, params, { url, digest: file.digest, verification: given === undefined ? 'first-use' : 'digest' }),
    architecture: hostArchitecture,
  });
  if (known === undefined) await firstUse.record(url, uid, file.digest);
  return record;
}

async function downloadFromMirror(
  mirror: FileRequest | undefined,
  official: FileRequest,
  { services, context }: Staging,
): Promise<DownloadedFile> {
  if (mirror !== undefined) {
    try {
      return await downloadFile(mirror, services, context);
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      // whatever it has, it is not the publisher's file: the publisher is asked
      context.report({ step: 'mirror failed' });
    }
  }
  return await downloadFile(official, services, context);
}

/** Where the file as it came is put: in a room of its own, which is opened to the converter. */
async function targetIn({ staged }: Staging): Promise<string> {
  const room = roomIn(staged);
  await mkdir(room, { mode: 0o700 });
  return path.join(room, 'download');
}

function roomIn(staged: string): string {
  return path.join(staged, 'convert');
}

async function toRecord(
  file: DownloadedFile,
  shape: { readonly url: string; readonly format: ImportFormat | undefined; readonly packing: Packing | undefined },
  { staged, services, context }: Staging,
  described: Described,
): Promise<ImageRecord> {
  const { runner, appArmor, newUser } = services;
  const download = path.join(roomIn(staged), 'download');
  const source = path.join(roomIn(staged), 'source');
  const disk = path.join(staged, 'disk.qcow2');
  const format = await takeOut(
    {
      came: download,
      target: source,
      format: shape.format,
      packing: shape.packing,
      shownPath: shape.url,
      runner,
      newUser,
    },
    context,
  );
  const { virtualBytes } = await convert(
    { source, format, disk, shownPath: shape.url, runner, appArmor, user: await newUser() },
    context,
  );
  await removeLater(source);
  await removeTree(roomIn(staged));
  return {
    schema: 1,
    ...described,
    fingerprint: file.sha256,
    diskDigest: null,
    virtualBytes: Math.ceil(virtualBytes / 512) * 512,
    fileBytes: (await stat(disk)).size,
    boot: 'disk',
    addedAt: new Date().toISOString(),
  };
}

/**
 * The name is gone at once. Giving back the room takes a tenth of a second for half a gigabyte, and begins when the
 * last handle is closed: nobody waits for that.
 */
async function removeLater(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await rm(file);
  handle.close().catch(() => {}); // nothing was written by it
}
