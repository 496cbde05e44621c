// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import type { Packing } from '#contract/images.ts';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { Credentials, ProcessRunner } from '../../core/seams/processes.ts';
import { writableBytes } from './require-space.ts';
import type { BringContext } from '../vault/staging-source.ts';

interface Unpacking {
  readonly packing: Exclude<Packing, 'none'>;
  readonly packed: string;
  readonly target: string;
  /** The name to use in errors. */
  readonly shownPath: string;
  readonly runner: ProcessRunner;
  /** Whom the program runs as: nobody else ever did or will. */
  readonly user: Credentials;
}

/** Each reads stdin and writes stdout; xz and zstd leave holes where a file has zeros. */
const commands: Readonly<Record<Unpacking['packing'], string>> = {
  xz: 'exec xz --decompress --stdout --memlimit=512MiB',
  zst: 'exec zstd --decompress --stdout --sparse --memory=512MB --quiet',
  gz: 'exec gzip --decompress --stdout',
  bz2: 'exec bzip2 --decompress --stdout',
};
const magics: Readonly<Record<Unpacking['packing'], string>> = {
  xz: 'fd377a585a00',
  zst: '28b52ffd',
  gz: '1f8b',
  bz2: '425a68',
};
const unpackTimeoutMs = 60 * 60_000;
/** More than the programs allow themselves. */
const unpackLimits = { memoryBytes: 1024 ** 3, cpuSeconds: 60 * 60 };
const reportEveryMs = 500;
/** An image grows by a few times; an empty disk of some GiB by thousands. Beyond both it is a bomb. */
const honestBytes = 1024 ** 3;
const honestRatio = 256;

/**
 * Unpacks a file as a user without rights: the program gets both files open and reaches no other. What
 * comes out is bounded by the kernel (RLIMIT_FSIZE).
 * @throws HelperError image.unsupported-format, storage.disk-full, AbortError
 */
export async function unpack(job: Unpacking, context: BringContext): Promise<void> {
  const refuse = (reason: Reason, cause?: unknown): HelperError =>
    new HelperError('image.unsupported-format', { path: job.shownPath, reason }, { cause });
  const packed = await open(job.packed, 'r');
  const target = await open(job.target, 'wx', 0o600);
  const timer = setInterval(() => {
    target.stat().then(
      ({ blocks }) => context.report({ step: 'unpack', bytes: blocks * 512 }),
      () => undefined,
    ); // closed meanwhile: nothing to tell
  }, reportEveryMs);
  try {
    const { size } = await packed.stat();
    const magic = Buffer.from(magics[job.packing], 'hex');
    const head = Buffer.alloc(magic.length);
    await packed.read(head, 0, head.length, 0);
    if (!head.equals(magic)) throw refuse(sentence('image.not-packed-so', { packing: job.packing }));
    const free = await writableBytes(job.target);
    const honest = Math.max(honestBytes, size * honestRatio);
    const limit = Math.min(free, honest);
    context.report({ step: 'unpack', bytes: 0 });
    try {
      await job.runner.run(
        {
          program: 'sh',
          args: ['-c', `${commands[job.packing]} <&3 >&4`],
          passedFds: [packed.fd, target.fd],
          runAs: job.user,
          endsWithHelper: true,
          confinement: { profile: undefined, limits: { ...unpackLimits, fileBytes: Math.floor(limit) } },
        },
        { signal: context.signal, timeoutMs: unpackTimeoutMs },
      );
    } catch (error) {
      if (!(error instanceof HelperError) || error.code !== 'process.failed') throw error;
      const isTooLong =
        (await target.stat()).size >= limit - 1024 ** 2 ||
        /limit|too large|SIGXFSZ/i.test(`${error.params.status} ${error.params.reason}`);
      if (isTooLong && free < honest)
        throw new HelperError(
          'storage.disk-full',
          {
            path: job.target,
            free: formatBytes(free),
            needed: sentence('image.more-than', { free: formatBytes(free) }),
          },
          { cause: error },
        );
      throw refuse(
        isTooLong
          ? sentence('image.unpacks-to-too-much', { limit: formatBytes(limit) })
          : sentence('image.cannot-be-unpacked', { reason: error.params.reason ?? '' }),
        error,
      );
    }
  } finally {
    clearInterval(timer);
    await target.close();
    await packed.close();
  }
}
