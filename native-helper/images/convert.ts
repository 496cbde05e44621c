// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { chmod, chown, open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImportFormat } from '#contract/images.ts';
import { formatBytes } from '#contract/units.ts';
import type { AppArmor } from '../confinement/apparmor.ts';
import { qemuImgProfile } from '../confinement/profiles/qemu-img.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { ProcessConfinement, ProcessRunner } from '../core/seams/processes.ts';
import { locateProgram } from '../process/programs.ts';
import { inspectedBytes, inspectQcow2, inspectRaw, type DiskShape } from './qcow2-header.ts';
import { freeBytes, requireSpace } from './require-space.ts';
import type { BringContext } from './staging-source.ts';
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
}

/** nobody and nogroup: what reads a stranger's file may touch nothing else. */
export const converter = { uid: 65534, gid: 65534 };
const conversionTimeoutMs = 2 * 60 * 60_000;
const profileRemovalMs = 10_000;
/** A header can ask for tables of any size and for work without end. */
const conversionLimits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 60 * 60 };
/** A program is stopped before the byte that would be too many. */
const limitSlackBytes = 4 * 1024 ** 2;

/**
 * Inspects a disk image's header ourselves, then has qemu-img check and convert it, as a user without
 * rights, with the format said and a backing file ruled out.
 * @throws HelperError image.unsupported-format, image.conversion-failed, storage.disk-full
 */
export async function convert(job: Conversion, context: BringContext): Promise<DiskShape> {
  context.report({ step: 'inspect' });
  const shape = await inspect(job);
  const { blocks } = await stat(job.source);
  await requireSpace(path.dirname(job.disk), blocks * 512);
  const free = await freeBytes(path.dirname(job.disk));
  const room = path.dirname(job.source);
  await chown(room, converter.uid, converter.gid);
  await chown(job.source, converter.uid, converter.gid);
  const source = `json:${JSON.stringify({ driver: job.format, file: { driver: 'file', filename: job.source }, ...(canBeBacked(job.format) ? { backing: null } : {}) })}`;
  const converted = path.join(room, 'converted');
  await underProfile(job, { converted, free }, context.signal, async (confinement) => {
    await checkWhole(job, { source, confinement }, context);
    await write(job, { source, converted, free, confinement }, context);
  });
  await rename(converted, job.disk);
  await chown(job.disk, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  await chmod(job.disk, 0o444);
  return shape;
}

/** Whether a profile is that of one conversion, of whichever helper. */
export function isConversionProfile(name: string): boolean {
  return /^multipass\.import-[0-9a-f]{8}\.qemu-img$/.test(name);
}

/** Lets qemu-img read the one file and write the other, within limits, and nothing else. */
async function underProfile(job: Conversion, { converted, free }: Pick<Writing, 'converted' | 'free'>, signal: AbortSignal, work: (confinement: ProcessConfinement) => Promise<void>): Promise<void> {
  const program = await locateProgram('qemu-img');
  const profile = qemuImgProfile({ id: `import-${randomBytes(4).toString('hex')}`, program, inputs: [job.source], outputs: [converted] });
  try {
    await work({ profile: await job.appArmor.prepare(profile, signal), limits: { ...conversionLimits, fileBytes: free } });
  } finally {
    await job.appArmor.remove(profile.name, AbortSignal.timeout(profileRemovalMs)); // qemu-img has ended by now
  }
}

async function inspect({ source, format, shownPath }: Conversion): Promise<DiskShape> {
  const handle = await open(source, 'r');
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(Math.min(size, inspectedBytes));
    await handle.read(head, 0, head.length, 0);
    switch (format) {
      case 'qcow2': return inspectQcow2(head, size, shownPath);
      case 'raw': return inspectRaw(head, size, shownPath);
      case 'vmdk': return await inspectVmdk(handle, size, shownPath);
      case 'vdi': return inspectVdi(head, size, shownPath);
      case 'vhdx': return await inspectVhdx(handle, shownPath);
      default: throw new HelperError('internal.bug', { reason: format satisfies never });
    }
  } finally {
    await handle.close();
  }
}

/** Only these formats know a backing file, and QEMU takes the word `backing` for them only. */
function canBeBacked(format: ImportFormat): boolean {
  return format === 'qcow2' || format === 'vmdk';
}

/**
 * A file that was cut short reads as zeros beyond its end, so a conversion alone would not notice.
 * qemu-img check has 2 for a damaged image, 3 for clusters that leak, which does no harm (qemu-img(1)).
 */
async function checkWhole(job: Conversion, { source, confinement }: { readonly source: string; readonly confinement: ProcessConfinement }, context: BringContext): Promise<void> {
  if (job.format === 'raw') return;
  context.report({ step: 'check' });
  try {
    await job.runner.run({ program: 'qemu-img', args: ['check', '-q', source], runAs: converter, endsWithHelper: true, cwd: path.dirname(job.source), confinement }, { signal: context.signal, timeoutMs: conversionTimeoutMs });
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    if (error.params.status === 'exit code 3' || error.params.status === 'exit code 63') return; // leaks; no check for this format
    throw new HelperError('image.conversion-failed', { path: job.shownPath, reason: `it is damaged or cut short: ${reasonOf(error)}` }, { cause: error });
  }
}

interface Writing {
  readonly source: string;
  readonly converted: string;
  /** What may be written: few bytes of an image can stand for many. */
  readonly free: number;
  readonly confinement: ProcessConfinement;
}

async function write(job: Conversion, { source, converted, free, confinement }: Writing, context: BringContext): Promise<void> {
  context.report({ step: 'convert', fraction: 0 });
  const onStdout = (chunk: Buffer): void => {
    const fraction = convertedFraction(chunk.toString('latin1'));
    if (fraction !== undefined) context.report({ step: 'convert', fraction });
  };
  try {
    await job.runner.run({ program: 'qemu-img', args: ['convert', '-p', source, '-O', 'qcow2', converted], runAs: converter, endsWithHelper: true, cwd: path.dirname(job.source), confinement }, { signal: context.signal, onStdout, timeoutMs: conversionTimeoutMs });
  } catch (error) {
    if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
    const place = path.dirname(job.disk);
    if (await isFull(converted, free)) throw new HelperError('storage.disk-full', { path: place, free: formatBytes(free), needed: `more than ${formatBytes(free)}` }, { cause: error });
    throw new HelperError('image.conversion-failed', { path: job.shownPath, reason: reasonOf(error) }, { cause: error });
  }
}

/** The kernel ended it before it filled the file system (RLIMIT_FSIZE), or others filled that meanwhile. */
async function isFull(converted: string, free: number): Promise<boolean> {
  const written = await stat(converted).then(({ size }) => size, () => 0);
  return written >= free - limitSlackBytes || await freeBytes(path.dirname(converted)) < limitSlackBytes;
}

/** The first lines: a damaged image can have thousands of complaints. */
function reasonOf(error: HelperError): string {
  return String(error.params.reason ?? messageOf(error)).split('\n').slice(0, 2).join('; ').slice(0, 400);
}

/** The newest of what `qemu-img -p` prints: `(12.34/100%)`, each over the last. */
export function convertedFraction(output: string): number | undefined {
  const last = [...output.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
  return last === undefined ? undefined : Math.min(1, Number(last) / 100);
}
