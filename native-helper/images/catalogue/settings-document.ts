// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { remoteName } from '#contract/names.ts';
import { documentKind } from '../../store/document.ts';

const url = z.string().regex(/^https?:\/\/[^\s@]+$/);

const remoteRecord = z.object({
  name: remoteName,
  title: z.string().optional(),
  url,
  defaultUser: z.string().default('ubuntu'),
  keyring: z.string().startsWith('/').optional(),
});
type RemoteRecord = z.infer<typeof remoteRecord>;

const settingsRecord = z.object({
  /** One that this version cannot use is kept as it is, and not used. */
  remotes: z.array(z.union([remoteRecord, z.unknown()])).default([]),
  mirrors: z.record(remoteName, url).default({}),
  disabled: z.array(remoteName).default([]),
  proxy: z.string().optional(),
  noProxy: z.string().optional(),
  certificates: z.string().startsWith('/').optional(),
  expiryDays: z.int().min(1).default(14),
});
export type SettingsRecord = z.infer<typeof settingsRecord>;

/**
 * The administrator's decisions about images: `ImageSettings` of the contract, in its stored form. Helpers of before
 * 1 December 2026 refuse every key that they do not know, `schema` too: so none is written before it is needed.
 */
export const imageSettingsDocument = documentKind(settingsRecord, {
  numbering: 'optional',
  identities: { remotes: ['name', 'url'] },
});

/** The remotes that this version can use, and the others as they are. */
export function splitRemotes(remotes: SettingsRecord['remotes']): {
  readonly known: readonly RemoteRecord[];
  readonly unused: readonly unknown[];
} {
  const isUsable = (each: unknown): each is RemoteRecord => remoteRecord.safeParse(each).success;
  return { known: remotes.filter(isUsable), unused: remotes.filter((each) => !isUsable(each)) };
}

/** What a remote that cannot be used is called, where that can be told. */
export function nameOf(remote: unknown): z.infer<typeof remoteName> | undefined {
  const named = z.object({ name: remoteName }).safeParse(remote);
  return named.data?.name;
}
