// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { architecture, importFormat, packing, type CatalogueEntry } from '#contract/images.ts';
import { imageAlias, remoteName } from '#contract/names.ts';
import { hostArchitecture } from '../catalogue/host-architecture.ts';
import { relativePath } from './remote-image.ts';

const algorithm = z.enum(['sha256', 'sha512']);

const release = z.strictObject({
  release: z.string(),
  title: z.string(),
  words: z.array(imageAlias).default([]),
  isSupported: z.boolean().default(true),
  /** Below the family's URL; `{arch}` is the family's word for the architecture. */
  folder: z.string(),
  /** The image's name, or with `isListed` a regular expression for it; of several the highest is taken. */
  image: z.string(),
  checksums: z.string(),
});
export type Release = z.infer<typeof release>;

/** A distribution whose images lie as files beside their digests: one file of assets/catalogue/. */
const family = z.strictObject({
  schema: z.literal(1),
  name: remoteName,
  title: z.string(),
  os: z.string(),
  url: z.string().regex(/^https?:\/\/.+\/$/),
  defaultUser: z.string(),
  format: importFormat.default('qcow2'),
  packing: packing.default('none'),
  algorithm,
  /** The family's word for an architecture; one that is missing has no images. */
  architectures: z.partialRecord(architecture, z.string()),
  /** Names carry a version, so the folder's list is read first. */
  isListed: z.boolean().default(false),
  /**
   * How the checksums are signed: within the file itself, or in a file beside it whose name ends so. Checked where a
   * keyring is installed.
   */
  signature: z.union([z.literal('inline'), z.string().startsWith('.')]).optional(),
  /** Where distributions put the publisher's keys; `{release}` is a release's name. */
  keyrings: z.array(z.string().startsWith('/')).default([]),
  releases: z.array(release).min(1),
});
export type Family = z.infer<typeof family>;

/** The catalogue files that come with Berth, in the order of their names. */
export async function readFamilies(directory: string): Promise<readonly Family[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  return await Promise.all(
    names.map(async (name) => family.parse(JSON.parse(await readFile(path.join(directory, name), 'utf8')))),
  );
}

/** The entries of a family's releases as far as they are known before its server was asked. */
export function announcedBy({ name, os, defaultUser, releases }: Family): readonly CatalogueEntry[] {
  return releases.map(({ release: version, title, words }): CatalogueEntry => ({
    alias: imageAlias.parse(`${name}:${version}`),
    title,
    description: '',
    os,
    release: version,
    architecture: hostArchitecture,
    origin: 'remote',
    defaultUser,
    minMemoryBytes: 0,
    minDiskBytes: 0,
    words,
    remote: name,
  }));
}

/** `folder` and the names in it with the architecture's word put in. */
export function fillIn(text: string, word: string): string {
  return text.replaceAll('{arch}', word);
}

export function checkedPath(folder: string, name: string): string {
  return relativePath.parse(`${folder.replace(/\/$/, '')}/${name}`);
}
