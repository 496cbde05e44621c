// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { fingerprint, imageAlias, timestamp } from './names.ts';
import { byteCount } from './units.ts';

export const architecture = z.enum(['x86_64', 'aarch64']);
export type Architecture = z.infer<typeof architecture>;

/** The place an image comes from. `built` ones are made on this computer from distribution packages. */
export const imageOrigin = z.enum(['built', 'imported', 'remote']);

/** An entry of the catalogue: something that can be launched, whether or not it is in the vault yet. */
export const catalogueEntry = z.object({
  alias: imageAlias,
  title: z.string(),
  description: z.string(),
  os: z.string(),
  release: z.string(),
  architecture,
  origin: imageOrigin,
  defaultUser: z.string(),
  /** Least memory and disk the image works with. */
  minMemoryBytes: byteCount,
  minDiskBytes: byteCount,
  /** Present once the image is in the vault. */
  fingerprint: fingerprint.optional(),
  /** What fetching or building it costs in network bytes and minutes, in words; absent when cached. */
  cost: z.string().optional(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** An image in the vault. */
export const vaultImage = z.object({
  fingerprint,
  aliases: z.array(imageAlias),
  title: z.string(),
  os: z.string(),
  release: z.string(),
  architecture,
  origin: imageOrigin,
  defaultUser: z.string(),
  /** The disk's virtual size, and what the file takes on the host. */
  virtualBytes: byteCount,
  fileBytes: byteCount,
  /** How a machine boots it: by its own boot loader, or with kernel and initrd kept beside the disk. */
  boot: z.enum(['disk', 'kernel']),
  addedAt: timestamp,
  lastUsedAt: timestamp.optional(),
  usedBy: z.array(z.string()),
});
export type VaultImage = z.infer<typeof vaultImage>;

export const importFormat = z.enum(['qcow2', 'raw']);

export const imageImportParams = z.strictObject({
  /** Absolute path on the host; opened with the caller's rights. */
  path: z.string().min(1).max(4096).startsWith('/', 'an absolute path'),
  format: importFormat,
  alias: imageAlias,
  title: z.string().max(120).optional(),
  defaultUser: z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/).default('ubuntu'),
  /** Refused when the file's sha256 is another. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(),
});
export type ImageImportParams = z.output<typeof imageImportParams>;
