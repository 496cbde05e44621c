// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { architecture, importFormat, packing } from '#contract/images.ts';
import { imageAlias } from '#contract/names.ts';

/** Letters and digits of file names that servers use; nothing that climbs or leaves the folder. */
export const relativePath = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9._+~@=-]+(?:\/[A-Za-z0-9._+~@=-]+)*$/, 'a path below the remote')
  .refine((text) => !text.split('/').includes('..'), 'a path without ..');

/**
 * The same for a list: Ubuntu's are named `com.ubuntu.cloud:released:download.json`. It always stands behind a slash,
 * so what is before the colon is no scheme.
 */
export const listPath = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9._+~@=:-]+(?:\/[A-Za-z0-9._+~@=:-]+)*$/, 'a path below the remote')
  .refine((text) => !text.split('/').includes('..'), 'a path without ..');

/** The newest build of one release at a remote, for one architecture. */
export const remoteImage = z.object({
  /** Without the remote's name. */
  alias: imageAlias,
  words: z.array(imageAlias).max(32),
  title: z.string().max(160),
  os: z.string().max(40),
  release: z.string().max(40),
  version: z.string().max(80),
  architecture,
  isSupported: z.boolean(),
  defaultUser: z.string().max(32),
  /** Below the remote's URL, or that of a mirror. */
  path: relativePath,
  digest: z.discriminatedUnion('algorithm', [
    z.object({ algorithm: z.literal('sha256'), hex: z.string().regex(/^[0-9a-f]{64}$/) }),
    z.object({ algorithm: z.literal('sha512'), hex: z.string().regex(/^[0-9a-f]{128}$/) }),
  ]),
  downloadBytes: z
    .int()
    .positive()
    .max(256 * 1024 ** 3)
    .optional(),
  format: importFormat,
  packing,
});
export type RemoteImage = z.infer<typeof remoteImage>;
