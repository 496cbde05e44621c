// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, chown, open, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ImportFormat } from '#contract/images.ts';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { AppArmor } from '../../confinement/apparmor.ts';
import { qemuImgProfile } from '../../confinement/profiles/qemu-img.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Credentials, ProcessConfinement, ProcessRunner } from '../../core/seams/processes.ts';
import { isOpenForWriting } from '../../posix/is-open-for-writing.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { locateProgram } from '../../process/programs.ts';
import { requireKind } from './file-content.ts';
import { requireWholeQcow2 } from './qcow2-end.ts';
import { checkVirtualSize, inspectedBytes, inspectQcow2, type DiskShape } from './qcow2-header.ts';
import { writableBytes, requireSpace } from './require-space.ts';
import type { BringContext } from '../vault/staging-source.ts';
import { inspectVdi } from './vdi-header.ts';
import { inspectVhdx } from './vhdx-header.ts';
import { inspectVmdk } from './vmdk-header.ts';

export interface Conversion {
  /** A file that only we can change, alone in a directory of its own. */
  readonly source: string;
  readonly format: ImportFormat;
  /** The stand-alone qcow2 that is left, mode 0444; on the same file system as the source's directory. */
  readonly disk: string;
  /** The name to use in errors. */
  readonly shownPath: string;
  readonly runner: ProcessRunner;
  readonly appArmor: AppArmor;
  /**
   * Whom qemu-img runs as: nobody else ever did or will, for what runs as the same user could change the disk under its
   * hands.
   */
  readonly user: Credentials;
}

const conversionTimeoutMs = 2 * 60 * 60_000;
const profileRemovalMs = 10_000;
/** A header can ask for tables of any size and for work without end. */
const conversionLimits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 60 * 60 };
/** A program is stopped before the byte that would be too many. */
const limitSlackBytes = 4 * 1024 ** 2;

/**
 * Inspects a disk image's header ourselves, then has qemu-img check and convert it, as a user without
 * rights, with the format said and a backing file ruled out. The source stays ours, for that user to read alone, and is
 * closed to whoever made it: what was digested is what is inspected and converted.
 * @throws HelperError image.unsupported-format, image.conversion-failed, storage.disk-full
 */
export async function convert(job: Conversion, context: BringContext): Promise<DiskShape> {
  context.report({ step: 'inspect' });
  const room = path.dirname(job.source);
  await lend(job, room);
  const shape = await inspect(job);
  const { blocks } = await stat(job.source);
  await requireSpace(path.dirname(job.disk), blocks * 512);
  const free = await writableBytes(path.dirname(job.disk));
  const source = `json:${JSON.stringify({ driver: job.format, file: { driver: 'file', filename: job.source }, ...(canBeBacked(job.format) ? { backing: null } : {}) })}`;
  const converted = path.join(room, 'converted');
  await makeOutput(converted, job.user);
  await underProfile(job, { converted, free }, context.signal, async (confinement) => {
    await checkWhole(job, { source, confinement }, context);
    if (job.format === 'qcow2') await checkEnd(job);
    await write(job, { source, converted, free, confinement }, context);
  });
  await rename(converted, job.disk);
  await takeOver(job);
  return shape;
}

/**
 * The converter may read the source, and reach it and its output by name; it makes no file and changes none but that.
 */
async function lend({ source, user, shownPath }: Conversion, room: string): Promise<void> {
  await chown(source, ourUid(), user.gid);
  await chmod(source, 0o440);
  await requireClosed(source, shownPath);
  await chown(room, ourUid(), user.gid);
  await chmod(room, 0o710);
}

async function makeOutput(converted: string, { uid, gid }: Credentials): Promise<void> {
  await using handle = await open(converted, 'wx', 0o600);
  await handle.chown(uid, gid);
}

/** The disk is ours from here on, and no process that the converter left behind changes it. */
async function takeOver({ disk, user, shownPath }: Conversion): Promise<void> {
  {
    await using handle = await openRegular(disk, { owner: user.uid, mustBeSingle: true });
    await handle.chown(ourUid(), process.getgid?.() ?? 0);
    await handle.chmod(0o444);
  }
  await requireClosed(disk, shownPath);
}

/** To be asked of a file that is ours, and that only those can write who have it open already. */
async function requireClosed(file: string, shownPath: string): Promise<void> {
  await using handle = await openRegular(file, { owner: ourUid(), mustBeSingle: true });
  if (isOpenForWriting(handle.fd))
    throw new HelperError('image.conversion-failed', {
      path: shownPath,
      reason: sentence('image.program-did-not-end'),
    });
}

function ourUid(): number {
  return process.getuid?.() ?? 0;
}

/** Whether a profile is that of one conversion, or of one disk that grew, of whichever helper. */
export function isConversionProfile(name: string): boolean {
  return /^multipass\.(?:import|grow)-[0-9a-f]{8}\.qemu-img$/.test(name);
}

/** Lets qemu-img read the one file and write the other, within limits, and nothing else. */
async function underProfile(
  job: Conversion,
  { converted, free }: Pick<Writing, 'converted' | 'free'>,
  signal: AbortSignal,
  work: (confinement: ProcessConfinement) => Promise<void>,
): Promise<void> {
  const program = await locateProgram('qemu-img');
  const profile = qemuImgProfile({
    id: `import-${randomBytes(4).toString('hex')}`,
    program,
    inputs: [job.source],
    outputs: [converted],
  });
  try {
    await work({
      profile: await job.appArmor.prepare(profile, signal),
      limits: { ...conversionLimits, fileBytes: free },
    });
  } finally {
    await job.appArmor.remove(profile.name, AbortSignal.timeout(profileRemovalMs)); // qemu-img has ended by now
  }
}

async function inspect({ source, format, shownPath }: Conversion): Promise<DiskShape> {
  const handle = await open(source, 'r');
  try {
    const { size } = await handle.stat();
    const head = await headOf(handle, size);
    requireKind(head, format, shownPath);
    switch (format) {
      case 'qcow2':
        return inspectQcow2(head, size, shownPath);
      case 'raw':
        return { virtualBytes: checkVirtualSize(BigInt(size), shownPath) };
      case 'vmdk':
        return await inspectVmdk(handle, size, shownPath);
      case 'vdi':
        return inspectVdi(head, size, shownPath);
      case 'vhdx':
        return await inspectVhdx(handle, shownPath);
      default:
        throw new HelperError('internal.bug', { reason: format satisfies never });
    }
  } finally {
    await handle.close();
  }
}

async function headOf(file: FileHandle, fileBytes: number): Promise<Buffer> {
  const head = Buffer.alloc(Math.min(fileBytes, inspectedBytes));
  await file.read(head, 0, head.length, 0);
  return head;
}

/** Only these formats know a backing file, and QEMU takes the word `backing` for them only. */
function canBeBacked(format: ImportFormat): boolean {
  return format === 'qcow2' || format === 'vmdk';
}

/**
 * A file that was cut short reads as zeros beyond its end, so a conversion alone would not notice.
 * qemu-img check has 2 for a damaged image, 3 for clusters that leak, which does no harm (qemu-img(1)).
 */
async function checkWhole(
  job: Conversion,
  { source, confinement }: { readonly source: string; readonly confinement: ProcessConfinement },
  context: BringContext,
): Promise<void> {
  if (job.format === 'raw') return;
  context.report({ step: 'check' });
  try {
    await job.runner.run(
      {
        program: 'qemu-img',
        args: ['check', '-q', source],
        runAs: job.user,
        endsWithHelper: true,
        cwd: path.dirname(job.source),
        confinement,
      },
      { signal: context.signal, timeoutMs: conversionTimeoutMs },
    );
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    // leaks; no check for this format
    if (error.params.status === 'exit code 3' || error.params.status === 'exit code 63') return;
    throw new HelperError(
      'image.conversion-failed',
      { path: job.shownPath, reason: sentence('image.damaged-or-cut-short', { reason: reasonOf(error) }) },
      { cause: error },
    );
  }
}

/** Of what qemu-img found sound: it passes over a last cluster that is not whole. */
async function checkEnd({ source, shownPath }: Conversion): Promise<void> {
  await using file = await open(source, 'r');
  await requireWholeQcow2(file, await headOf(file, (await file.stat()).size), shownPath);
}

interface Writing {
  readonly source: string;
  readonly converted: string;
  /** What may be written: few bytes of an image can stand for many. */
  readonly free: number;
  readonly confinement: ProcessConfinement;
}

async function write(
  job: Conversion,
  { source, converted, free, confinement }: Writing,
  context: BringContext,
): Promise<void> {
  context.report({ step: 'convert', fraction: 0 });
  const onStdout = (chunk: Buffer): void => {
    const fraction = convertedFraction(chunk.toString('latin1'));
    if (fraction !== undefined) context.report({ step: 'convert', fraction });
  };
  try {
    await job.runner.run(
      {
        program: 'qemu-img',
        args: ['convert', '-p', source, '-O', 'qcow2', converted],
        runAs: job.user,
        endsWithHelper: true,
        cwd: path.dirname(job.source),
        confinement,
      },
      { signal: context.signal, onStdout, timeoutMs: conversionTimeoutMs },
    );
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    const place = path.dirname(job.disk);
    if (await isFull(converted, free))
      throw new HelperError(
        'storage.disk-full',
        { path: place, free: formatBytes(free), needed: sentence('image.more-than', { free: formatBytes(free) }) },
        { cause: error },
      );
    throw new HelperError(
      'image.conversion-failed',
      { path: job.shownPath, reason: reasonOf(error) },
      { cause: error },
    );
  }
}

/** The kernel ended it before it filled the file system (RLIMIT_FSIZE), or others filled that meanwhile. */
async function isFull(converted: string, free: number): Promise<boolean> {
  const written = await stat(converted).then(
    ({ size }) => size,
    () => 0,
  );
  return written >= free - limitSlackBytes || (await writableBytes(path.dirname(converted))) < limitSlackBytes;
}

/** The first lines: a damaged image can have thousands of complaints. */
function reasonOf(error: HelperError): string {
  return String(error.params.reason ?? messageOf(error))
    .split('\n')
    .slice(0, 2)
    .join('; ')
    .slice(0, 400);
}

/** The newest of what `qemu-img -p` prints: `(12.34/100%)`, each over the last. */
export function convertedFraction(output: string): number | undefined {
  const last = [...output.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
  return last === undefined ? undefined : Math.min(1, Number(last) / 100);
}
