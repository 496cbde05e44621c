// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HelperError, messageOf } from '../../core/errors.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import { syncDirectory, syncFile } from '../../store/durable.ts';
import { digestOf } from '../vault/file-digest.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import { bootstrap } from './bootstrap.ts';
import { runStep, type BuildContext } from './build-step.ts';
import { writeDisk } from './disk.ts';
import { readList } from './guest-files.ts';
import type { BuildPlaces, PackageChoice, Recipe } from './recipe.ts';

/** Names of directories under way begin like this; one that is left over is garbage. */
export const buildPrefix = '.build-';

/**
 * Makes an image and puts it at `target` as {disk.qcow2, kernel?, initrd?, image.json}. The work is
 * done in a directory beside it, which is gone afterwards whatever happens; an older image at
 * `target` is replaced at the very end.
 * @throws HelperError image.build-failed; AbortError when aborted
 */
export async function buildImage(recipe: Recipe, target: string, context: BuildContext): Promise<ImageRecord> {
  const parent = path.dirname(path.resolve(target));
  await mkdir(parent, { recursive: true });
  const scratch = path.join(parent, `${buildPrefix}${randomBytes(6).toString('hex')}`);
  const places: BuildPlaces = {
    assets: path.join(context.assetsDirectory, 'guests', recipe.entry.alias),
    root: path.join(scratch, 'root'),
    packages: path.join(scratch, 'packages'),
    work: path.join(scratch, 'work'),
    out: path.join(scratch, 'out'),
  };
  try {
    for (const directory of [scratch, places.root, places.work, places.out]) await mkdir(directory, { mode: 0o755 });
    await unpackPackages(recipe.packages, places, context);
    await recipe.fill(places, context);
    const record = await finish(recipe, places, context);
    await replaceDirectory(places.out, path.resolve(target), path.join(scratch, 'old'));
    context.report({ step: 'done', fraction: 1 });
    return record;
  } catch (error) {
    throw asBuildError(recipe, error);
  } finally {
    await removeTree(scratch);
  }
}

async function unpackPackages(
  { into, share, copiedEarly = [], ...choice }: PackageChoice,
  places: BuildPlaces,
  context: BuildContext,
): Promise<void> {
  await bootstrap(context, {
    ...choice,
    directory: places[into],
    packages: await readList(path.join(places.assets, 'packages.txt')),
    copiedEarly: copiedEarly.map((file) => path.join(places.assets, file)),
    from: 0,
    to: share,
  });
  context.report({ step: 'root file system', fraction: share });
}

async function finish(
  recipe: Recipe,
  places: { readonly root: string; readonly work: string; readonly out: string },
  context: BuildContext,
): Promise<ImageRecord> {
  const raw = path.join(places.work, 'disk.raw');
  const disk = path.join(places.out, 'disk.qcow2');
  context.report({ step: 'disk', fraction: 0.75 });
  await writeDisk(context, {
    root: places.root,
    label: recipe.label,
    sizeBytes: recipe.diskBytes,
    work: places.work,
    path: raw,
  });
  context.report({ step: 'compress', fraction: 0.85 });
  await runStep(context, 'qemu-img', [
    'convert',
    '-c',
    '-f',
    'raw',
    '-O',
    'qcow2',
    '-o',
    'compression_type=zstd,cluster_size=65536',
    raw,
    disk,
  ]);
  context.report({ step: 'fingerprint', fraction: 0.95 });
  const record: ImageRecord = {
    schema: 1,
    fingerprint: await digestOf(disk, context.signal),
    aliases: [recipe.entry.alias],
    title: recipe.entry.title,
    os: recipe.entry.os,
    release: recipe.entry.release,
    architecture: recipe.entry.architecture,
    origin: recipe.entry.origin,
    defaultUser: recipe.entry.defaultUser,
    virtualBytes: recipe.diskBytes,
    fileBytes: (await stat(disk)).size,
    boot: recipe.commandLine === undefined ? 'disk' : 'kernel',
    ...(recipe.commandLine === undefined ? {} : { commandLine: recipe.commandLine }),
    addedAt: new Date().toISOString(),
  };
  await writeFile(path.join(places.out, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  for (const name of await readdir(places.out)) {
    const file = path.join(places.out, name);
    await chmod(file, 0o444);
    await syncFile(file);
  }
  return record;
}

async function replaceDirectory(made: string, target: string, aside: string): Promise<void> {
  await rename(target, aside).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(made, target);
  await syncDirectory(path.dirname(target));
}

function asBuildError(recipe: Recipe, error: unknown): unknown {
  if (error instanceof Error && error.name === 'AbortError') return error;
  if (error instanceof HelperError && error.code !== 'process.failed') return error;
  return new HelperError(
    'image.build-failed',
    { image: recipe.entry.alias, reason: shortReason(messageOf(error)) },
    { cause: error },
  );
}

/** What apt and mmdebstrap call an error (`E: …`), two of them at most; the whole goes to the log with the cause. */
function shortReason(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
  return [...new Set(errors.length > 0 ? errors : lines.slice(-2))].slice(0, 2).join('; ');
}
