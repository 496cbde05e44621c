// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { ImageImportParams } from '#contract/images.ts';
import { formatBytes } from '#contract/units.ts';
import type { AppArmor } from '../confinement/apparmor.ts';
import { qemuImgProfile } from '../confinement/profiles/qemu-img.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { OperationContext, ProcessRunner } from '../core/ports.ts';
import { locateProgram } from '../process/programs.ts';
import { copyAsCaller } from './copy-as-caller.ts';
import { digestOf } from './file-digest.ts';
import type { ImageRecord } from './image-record.ts';
import { inspectedBytes, inspectQcow2, inspectRaw, type DiskShape } from './qcow2-header.ts';

interface Import {
  readonly params: ImageImportParams;
  /** A directory of the vault that is no image yet; `disk.qcow2` is left in it. */
  readonly staged: string;
  readonly runner: ProcessRunner;
  readonly appArmor: AppArmor;
  readonly ctx: OperationContext;
}

/** nobody and nogroup: qemu-img reads what a user brought, so it may touch nothing else. */
const converter = { uid: 65534, gid: 65534 };
const conversionTimeoutMs = 2 * 60 * 60_000;
const profileRemovalMs = 10_000;
/** A header can ask for tables of any size and for work without end. */
const conversionLimits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 60 * 60 };
/** Left free on the vault's file system. */
const reserveBytes = 64 * 1024 ** 2;

/**
 * Copies a user's qcow2 or raw file, inspects the copy, and converts it to a stand-alone qcow2. The
 * copy, which nobody else can change, is what is inspected and converted.
 * @throws HelperError image.source-denied, image.unsupported-format, image.checksum-mismatch,
 *   image.conversion-failed, storage.disk-full
 */
export async function importImage(job: Import): Promise<ImageRecord> {
  const { params, staged, ctx } = job;
  const room = path.join(staged, 'convert');
  await mkdir(room, { mode: 0o700 });
  const copy = path.join(room, 'source');
  ctx.report({ step: 'copy', fraction: 0 });
  const bytes = await copyAsCaller({ source: params.path, target: copy, runner: job.runner, ctx, admit: (wanted) => requireSpace(staged, wanted) });

  ctx.report({ step: 'inspect' });
  const shape = await inspect(copy, bytes, params);
  if (params.sha256 !== undefined) {
    const actual = await digestOf(copy, ctx.signal);
    if (actual !== params.sha256) throw new HelperError('image.checksum-mismatch', { path: params.path, actual, expected: params.sha256 });
  }

  const disk = path.join(staged, 'disk.qcow2');
  await convert(job, room, copy);
  await rename(path.join(room, 'converted'), disk);
  await chown(disk, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  await chmod(disk, 0o444);
  await rm(room, { recursive: true, force: true });
  return describe(job, disk, shape);
}

async function inspect(copy: string, bytes: number, params: ImageImportParams): Promise<DiskShape> {
  const head = Buffer.alloc(Math.min(bytes, inspectedBytes));
  const handle = await open(copy, 'r');
  try {
    await handle.read(head, 0, head.length, 0);
  } finally {
    await handle.close();
  }
  switch (params.format) {
    case 'qcow2': return inspectQcow2(head, bytes, params.path);
    case 'raw': return inspectRaw(head, bytes, params.path);
    default: throw new HelperError('internal.bug', { reason: params.format satisfies never });
  }
}

async function convert(job: Import, room: string, copy: string): Promise<void> {
  const { ctx, params } = job;
  await requireSpace(job.staged, (await stat(copy)).blocks * 512);
  await chown(room, converter.uid, converter.gid);
  await chown(copy, converter.uid, converter.gid);
  ctx.report({ step: 'convert', fraction: 0 });
  const converted = path.join(room, 'converted');
  const profile = qemuImgProfile({ id: `import-${randomBytes(4).toString('hex')}`, program: await locateProgram('qemu-img'), inputs: [copy], outputs: [converted] });
  const source = `driver=${params.format},file.driver=file,file.filename=${copy.replaceAll(',', ',,')}`;
  try {
    const confinement = { profile: await job.appArmor.prepare(profile, ctx.signal), limits: conversionLimits };
    await job.runner.run(
      { program: 'qemu-img', args: ['convert', '-p', '--image-opts', source, '-O', 'qcow2', converted], runAs: converter, cwd: room, confinement },
      {
        signal: ctx.signal,
        timeoutMs: conversionTimeoutMs,
        onStdout: (chunk) => {
          const fraction = convertedFraction(chunk.toString('latin1'));
          if (fraction !== undefined) ctx.report({ step: 'convert', fraction });
        },
      },
    );
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    throw new HelperError('image.conversion-failed', { path: params.path, reason: String(error.params.reason ?? messageOf(error)) }, { cause: error });
  } finally {
    await job.appArmor.remove(profile.name, AbortSignal.timeout(profileRemovalMs)); // qemu-img has ended by now
  }
}

/** The newest of what `qemu-img -p` prints: `(12.34/100%)`, each over the last. */
export function convertedFraction(output: string): number | undefined {
  const last = [...output.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
  return last === undefined ? undefined : Math.min(1, Number(last) / 100);
}

async function requireSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  if (free < bytes + reserveBytes) throw new HelperError('storage.disk-full', { path: directory, free: formatBytes(free), needed: formatBytes(bytes + reserveBytes) });
}

async function describe({ params, ctx }: Import, disk: string, shape: DiskShape): Promise<ImageRecord> {
  ctx.report({ step: 'fingerprint' });
  return {
    schema: 1,
    fingerprint: await digestOf(disk, ctx.signal),
    aliases: [params.alias],
    title: params.title ?? params.alias,
    os: 'linux',
    release: '',
    architecture: 'x86_64',
    origin: 'imported',
    defaultUser: params.defaultUser,
    virtualBytes: Math.ceil(shape.virtualBytes / 512) * 512,
    fileBytes: (await stat(disk)).size,
    boot: 'disk',
    addedAt: new Date().toISOString(),
  };
}
