// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { imageAlias, timestamp } from '#contract/names.ts';
import { documentKind } from '../../store/document.ts';
import { digestRecord, verificationRecord } from '../../store/record-values.ts';

/** Below a remote's URL; nothing that climbs or leaves the folder. */
const relativePath = z
  .string()
  .regex(/^[A-Za-z0-9._+~@=-]+(?:\/[A-Za-z0-9._+~@=-]+)*$/)
  .refine((text) => !text.split('/').includes('..'));

/** As it was checked when it came. What a later version can unpack is asked for anew by this one: words are closed. */
const imageOfList = z.object({
  alias: imageAlias,
  words: z.array(imageAlias),
  title: z.string(),
  os: z.string(),
  release: z.string(),
  version: z.string(),
  architecture: z.enum(['x86_64', 'aarch64']),
  isSupported: z.boolean(),
  defaultUser: z.string(),
  path: relativePath,
  digest: digestRecord,
  downloadBytes: z.int().positive().optional(),
  format: z.enum(['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx']),
  packing: z.enum(['none', 'xz', 'zst', 'gz', 'bz2']),
});

const remoteList = z.object({
  schema: z.literal(1),
  url: z.string(),
  refreshedAt: timestamp,
  verification: verificationRecord,
  images: z.array(imageOfList),
  leftOut: z.object({ count: z.int().positive(), reasons: z.array(z.string()) }).optional(),
});
export type RemoteList = Omit<z.infer<typeof remoteList>, 'schema'>;

/** Written whole from what a remote says: nothing of another version's is kept, for that one asks again too. */
export const remoteListDocument = documentKind(remoteList, {
  identities: { images: 'whole' },
  isCompact: true,
});
