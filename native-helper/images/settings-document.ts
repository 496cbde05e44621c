// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { remoteName } from '#contract/names.ts';
import { documentKind } from '../store/document.ts';

const url = z.string().regex(/^https?:\/\/[^\s@]+$/);

const remoteRecord = z.object({
  name: remoteName,
  title: z.string().optional(),
  url,
  defaultUser: z.string().default('ubuntu'),
  keyring: z.string().startsWith('/').optional(),
});

const settingsRecord = z.object({
  remotes: z.array(remoteRecord).default([]),
  mirrors: z.record(remoteName, url).default({}),
  disabled: z.array(remoteName).default([]),
  proxy: z.string().optional(),
  noProxy: z.string().optional(),
  certificates: z.string().startsWith('/').optional(),
  expiryDays: z.int().min(1).default(14),
});

/**
 * The administrator's decisions about images: `ImageSettings` of the contract, in its stored form. Helpers of before
 * 1 December 2026 refuse every key that they do not know, `schema` too: so none is written before it is needed.
 */
export const imageSettingsDocument = documentKind(settingsRecord, {
  numbering: 'optional',
  identities: { remotes: ['name', 'url'] },
});
