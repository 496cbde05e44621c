// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { fingerprint, imageAlias, timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';
import { byteCount } from '#contract/units.ts';
import { documentKind } from '../../store/document.ts';
import { architectureRecord, digestRecord, verificationRecord } from '../../store/record-values.ts';

/** Where a fetched image comes from; of the file as it was transferred. */
const source = z.object({
  url: z.string(),
  digest: digestRecord,
  version: z.string().optional(),
  verification: verificationRecord,
});

/** What image.json holds: all of a vault image but who uses it. */
export const imageRecord = z
  .object({
    schema: z.literal(1),
    fingerprint,
    /** The catalogue's names for it. Those of imported images are in `names`; older versions had them here. */
    aliases: z.array(imageAlias),
    /** Who has the image as an import of his own, whether or not he still has a name for it. */
    ownerUids: z.array(z.int().nonnegative()).optional(),
    /** The names that users gave it, with what each said of it: a name is that user's alone, root's are everybody's. */
    names: z
      .array(
        z.object({
          uid: z.int().nonnegative(),
          alias: imageAlias,
          since: timestamp,
          words: z.object({ title: z.string(), defaultUser: z.string(), source: source.optional() }).optional(),
        }),
      )
      .optional(),
    /**
     * What its publisher says; of an import nobody's words (`words-for.ts`). Older versions had the first importer's
     * here.
     */
    title: z.string(),
    os: z.string(),
    release: z.string(),
    architecture: architectureRecord,
    origin: open(z.enum(['built', 'imported', 'remote'])),
    defaultUser: z.string(),
    virtualBytes: byteCount,
    fileBytes: byteCount,
    boot: open(z.enum(['disk', 'kernel'])),
    /** For the kernel beside the disk; present where `boot` is `kernel`. */
    commandLine: z.string().optional(),
    addedAt: timestamp,
    /** Who had it fetched, built or launched from; of the catalogue's. */
    askedBy: z.array(z.int().nonnegative()).optional(),
    lastUsedAt: timestamp.optional(),
    isPinned: z.boolean().optional(),
    /** Who pinned it, in whose quota it is; of records of older versions root. */
    pinnedBy: z.int().nonnegative().optional(),
    /**
     * The sha256 of the disk, where the fingerprint is that of another file; null until it was taken, soon after the
     * image came.
     */
    diskDigest: fingerprint.nullable().optional(),
    /** False until the disk's bytes are known to have reached the medium. */
    isSettled: z.literal(false).optional(),
    /** The boot of the host in which the disk was written; until it is settled. */
    writtenInBoot: z.string().optional(),
    source: source.optional(),
  })
  .refine(
    (record) => record.boot !== 'kernel' || record.commandLine !== undefined,
    'an image booted by a kernel has a command line',
  );
export type ImageRecord = z.infer<typeof imageRecord>;

export const imageDocument = documentKind(imageRecord, {
  identities: { names: ['uid', 'alias', 'since'], source: 'whole', 'names.words': 'whole' },
});
