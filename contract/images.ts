// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { helperErrorData } from './errors.ts';
import { fingerprint, imageAlias, remoteName, timestamp } from './names.ts';
import { open } from './open-enum.ts';
import { byteCount } from './units.ts';

export const architecture = z.enum(['x86_64', 'aarch64']);
export type Architecture = z.infer<typeof architecture>;

/** The place an image comes from. `built` ones are made on this computer from distribution packages. */
export const imageOrigin = z.enum(['built', 'imported', 'remote']);

/**
 * What vouches for a download: `signature`, the publisher's OpenPGP signature over the list that
 * names its digest; `https`, the server's certificate alone; `digest`, a digest that the user gave;
 * `first-use`, nothing but that it is what was fetched the first time.
 */
export const verification = z.enum(['signature', 'https', 'digest', 'first-use']);
export type Verification = z.infer<typeof verification>;

/** An entry of the catalogue: something that can be launched, whether or not it is in the vault yet. */
export const catalogueEntry = z.object({
  alias: imageAlias,
  title: z.string(),
  description: z.string(),
  os: z.string(),
  release: z.string(),
  architecture: open(architecture),
  origin: open(imageOrigin),
  defaultUser: z.string(),
  /** Least memory and disk the image works with. */
  minMemoryBytes: byteCount,
  minDiskBytes: byteCount,
  /** Other words for it, unique within its remote. */
  words: z.array(imageAlias).optional(),
  /** Present where it comes from a remote. */
  remote: remoteName.optional(),
  /** The publisher's name of this build, such as `20260301`. */
  version: z.string().optional(),
  /** What is transferred to get it. */
  downloadBytes: byteCount.optional(),
  /** Absent means supported by its publisher. */
  isSupported: z.boolean().optional(),
  verification: open(verification).optional(),
  /** Present once the image is in the vault. */
  fingerprint: fingerprint.optional(),
  /** What fetching or building it costs in network bytes and minutes, in words; absent when cached. */
  cost: z.string().optional(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** An image in the vault. */
export const vaultImage = z.object({
  fingerprint,
  /** What the asking user may type for it; other users' names for it begin with the user: `mia/mine`. */
  aliases: z.array(imageAlias),
  title: z.string(),
  os: z.string(),
  release: z.string(),
  architecture: open(architecture),
  origin: open(imageOrigin),
  defaultUser: z.string(),
  /** The disk's virtual size, and what the file takes on the host. */
  virtualBytes: byteCount,
  fileBytes: byteCount,
  /** How a machine boots it: by its own boot loader, or with kernel and initrd kept beside the disk. */
  boot: open(z.enum(['disk', 'kernel'])),
  addedAt: timestamp,
  lastUsedAt: timestamp.optional(),
  usedBy: z.array(z.string()),
  /** Pinned images never expire. */
  isPinned: z.boolean().optional(),
  /** When a prune takes it, unless it is used before; absent while it is in use, pinned, built or imported. */
  expiresAt: timestamp.optional(),
  /** What the image takes on the disk now (its blocks, not its length). */
  diskUseBytes: byteCount.optional(),
  /** Where it was fetched, and what vouches for it. */
  sourceUrl: z.string().optional(),
  version: z.string().optional(),
  verification: open(verification).optional(),
});
export type VaultImage = z.infer<typeof vaultImage>;

export const importFormat = z.enum(['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx']);
export type ImportFormat = z.infer<typeof importFormat>;
export const packing = z.enum(['none', 'xz', 'zst', 'gz', 'bz2']);
export type Packing = z.infer<typeof packing>;
const sha256 = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, { error: () => say('invalid.sha256-digits') });
const sha512 = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{128}$/, { error: () => say('invalid.sha512-digits') });
/** A name for an image of the user's own: without a remote or a user. */
const ownAlias = imageAlias.refine((alias) => !/[:/]/.test(alias), { error: () => say('invalid.alias-without-place') });
const defaultUser = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/);

/** What is said of an image of the user's own, wherever its file lies. */
const ownImage = {
  /** Absent: found by the file's content, and how it is packed with it. */
  format: importFormat.optional(),
  /** How the file is packed; `format` is that of what is inside. */
  packing: packing.optional(),
  alias: ownAlias,
  title: z.string().max(120).optional(),
  defaultUser: defaultUser.default('ubuntu'),
  /** Refused when the file's sha256 is another; of the packed file where it is packed. */
  sha256: sha256.optional(),
};

export const imageImportParams = z.strictObject({
  /** Absolute path on the host; opened with the caller's rights. */
  path: z
    .string()
    .min(1)
    .max(4096)
    .startsWith('/', { error: () => say('invalid.absolute-path') }),
  ...ownImage,
});
export type ImageImportParams = z.output<typeof imageImportParams>;

/** https; plain http only with a digest. */
const imageUrl = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s@]+$/, { error: () => say('invalid.https-url') });

/** Without a digest the first download's is recorded, and a later one must equal it. */
export const imageImportUrlParams = z.strictObject({
  url: imageUrl,
  ...ownImage,
  sha512: sha512.optional(),
});
export type ImageImportUrlParams = z.output<typeof imageImportUrlParams>;

/** Entries of a remote's list that cannot be used: how many, and what is wrong with the first of them. */
export const leftOutEntries = z.object({
  count: z.int().positive(),
  reasons: z.array(z.string().max(300)).max(20),
});
export type LeftOutEntries = z.infer<typeof leftOutEntries>;

/** A place that images come from, and how the last look at it went. */
export const imageRemote = z.object({
  name: remoteName,
  title: z.string(),
  kind: open(z.enum(['simplestreams', 'files'])),
  url: z.string(),
  mirror: z.string().optional(),
  /** Comes with Berth; others are the administrator's. */
  isBuiltIn: z.boolean(),
  /** The administrator decided not to ask it. */
  isDisabled: z.boolean().optional(),
  /** When its list was last fetched whole. */
  refreshedAt: timestamp.optional(),
  /** Why the last attempt failed; what was known before stays usable. */
  error: helperErrorData.optional(),
  verification: open(verification).optional(),
  entries: z.int().nonnegative(),
  /** What its list has besides those entries and Berth cannot use. */
  leftOut: leftOutEntries.optional(),
});
export type ImageRemote = z.infer<typeof imageRemote>;

export const remoteSettings = z.strictObject({
  name: remoteName,
  title: z.string().max(80).optional(),
  /** The folder that holds `streams/v1/index.json`. */
  url: imageUrl,
  defaultUser: defaultUser.default('ubuntu'),
  /** Absolute path of an OpenPGP keyring that must have signed the remote's lists. */
  keyring: z.string().startsWith('/').max(4096).optional(),
});

/** What an administrator decides about images; the whole is replaced at once. */
export const imageSettings = z.strictObject({
  /** Simplestreams remotes besides those that come with Berth. */
  remotes: z.array(remoteSettings).max(32).default([]),
  /** Another server with the same files, by remote. An image counts only where its digest is the official one. */
  mirrors: z.record(remoteName, imageUrl).default({}),
  /** Remotes that are not asked. */
  disabled: z.array(remoteName).default([]),
  /**
   * Overrides that of the computer: HTTPS_PROXY and NO_PROXY of the helper's own environment, else of /etc/environment.
   */
  proxy: z
    .string()
    .regex(/^https?:\/\/\S+$/)
    .max(2048)
    .optional(),
  noProxy: z.string().max(2048).optional(),
  /** Absolute path of certificates that are trusted besides the system's. */
  certificates: z.string().startsWith('/').max(4096).optional(),
  /** A fetched image that nothing used for so long goes with the next prune. */
  expiryDays: z.int().min(1).max(3650).default(14),
});
export type ImageSettings = z.output<typeof imageSettings>;

export const imagePruned = z.object({ removed: z.array(fingerprint), freedBytes: byteCount });
