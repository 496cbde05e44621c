// SPDX-License-Identifier: MIT
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImageImportParams } from '#contract/images.ts';
import type { AppArmor } from '../../confinement/apparmor.ts';
import { HelperError } from '../../core/errors.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import { convert } from './convert.ts';
import { copyAsCaller } from './copy-as-caller.ts';
import { digestOf } from '../vault/file-digest.ts';
import { hostArchitecture } from '../catalogue/host-architecture.ts';
import { ownedBy } from '../vault/owned-by.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import { requireSpace } from './require-space.ts';
import { takeOut } from './take-out.ts';

interface Import {
  readonly params: ImageImportParams;
  /** A directory of the vault that is no image yet; `disk.qcow2` is left in it. */
  readonly staged: string;
  readonly runner: ProcessRunner;
  readonly appArmor: AppArmor;
  /** As {@link DownloadServices.newUser}. */
  readonly newUser: () => Promise<Credentials>;
  readonly ctx: OperationContext;
}

/**
 * Copies a user's disk file, unpacks and inspects the copy, and converts it to a stand-alone qcow2. The
 * copy, which nobody else can change, is what is inspected and converted.
 * @throws HelperError image.source-denied, image.unsupported-format, image.checksum-mismatch,
 *   image.conversion-failed, storage.disk-full
 */
export async function importImage(job: Import): Promise<ImageRecord> {
  const { params, staged, runner, appArmor, newUser, ctx } = job;
  const room = path.join(staged, 'convert');
  await mkdir(room, { mode: 0o700 });
  const copy = path.join(room, 'copy');
  const source = path.join(room, 'source');
  ctx.report({ step: 'copy', fraction: 0 });
  await copyAsCaller({
    source: params.path,
    target: copy,
    runner,
    ctx,
    admit: (wanted) => requireSpace(staged, wanted),
  });
  if (params.sha256 !== undefined) {
    const actual = await digestOf(copy, ctx.signal);
    if (actual !== params.sha256)
      throw new HelperError('image.checksum-mismatch', { path: params.path, actual, expected: params.sha256 });
  }
  const format = await takeOut(
    {
      came: copy,
      target: source,
      format: params.format,
      packing: params.packing,
      shownPath: params.path,
      runner,
      newUser,
    },
    ctx,
  );
  const disk = path.join(staged, 'disk.qcow2');
  const { virtualBytes } = await convert(
    { source, format, disk, shownPath: params.path, runner, appArmor, user: await newUser() },
    ctx,
  );
  await removeTree(room);
  ctx.report({ step: 'fingerprint' });
  return {
    schema: 1,
    fingerprint: await digestOf(disk, ctx.signal),
    ...ownedBy(ctx.actor.uid, params),
    architecture: hostArchitecture,
    virtualBytes: Math.ceil(virtualBytes / 512) * 512,
    fileBytes: (await stat(disk)).size,
    boot: 'disk',
    addedAt: new Date().toISOString(),
  };
}
