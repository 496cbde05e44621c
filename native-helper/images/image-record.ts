// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { architecture, imageOrigin, verification } from '#contract/images.ts';
import { fingerprint, imageAlias, timestamp } from '#contract/names.ts';
import { byteCount } from '#contract/units.ts';

/** What image.json holds: all of a vault image but who uses it. Unknown keys are kept. */
export const imageRecord = z.looseObject({
  schema: z.literal(1),
  fingerprint,
  aliases: z.array(imageAlias),
  title: z.string(),
  os: z.string(),
  release: z.string(),
  architecture,
  origin: imageOrigin,
  defaultUser: z.string(),
  virtualBytes: byteCount,
  fileBytes: byteCount,
  boot: z.enum(['disk', 'kernel']),
  /** For the kernel beside the disk; present where `boot` is `kernel`. */
  commandLine: z.string().optional(),
  addedAt: timestamp,
  lastUsedAt: timestamp.optional(),
  isPinned: z.boolean().optional(),
  /** The sha256 of the disk, where the fingerprint is that of another file; null until it was taken, soon after the image came. */
  diskDigest: fingerprint.nullable().optional(),
  /** False until the disk's bytes are known to have reached the medium. */
  isSettled: z.literal(false).optional(),
  /** The boot of the host in which the disk was written; until it is settled. */
  writtenInBoot: z.string().optional(),
  /** Where a fetched image comes from; of the file as it was transferred. */
  source: z.looseObject({
    url: z.string(),
    digest: z.object({ algorithm: z.enum(['sha256', 'sha512']), hex: z.string() }),
    version: z.string().optional(),
    verification,
  }).optional(),
}).refine((record) => record.boot === 'disk' || record.commandLine !== undefined, 'an image booted by a kernel has a command line');
export type ImageRecord = z.infer<typeof imageRecord>;
