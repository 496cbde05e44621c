// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { Architecture } from '#contract/images.ts';
import { imageAlias } from '#contract/names.ts';
import { relativePath, remoteImage, type RemoteImage } from '../sources/remote-image.ts';
import { duplicateKey } from './duplicate-key.ts';

/** Simplestreams as Ubuntu's cloud images have it: streams/v1/index.json and the products it names. */
const index = z.object({
  index: z.record(z.string(), z.object({ datatype: z.string().optional(), format: z.string().optional(), path: relativePath })),
});
const item = z.object({ ftype: z.string(), path: relativePath, sha256: z.string().regex(/^[0-9a-f]{64}$/).optional(), size: z.int().positive() });
const product = z.object({
  aliases: z.string().optional(),
  arch: z.string(),
  os: z.string().default('ubuntu'),
  release: z.string().optional(),
  release_title: z.string().optional(),
  version: z.string(),
  supported: z.boolean().default(true),
  versions: z.record(z.string(), z.object({ items: z.record(z.string(), z.looseObject({ ftype: z.string().optional() })) })),
});
const products = z.object({ products: z.record(z.string(), product) });
type Product = z.infer<typeof product>;

/** Best first: one that boots by UEFI and BIOS, then packed, then any disk. */
const kinds = [{ ftype: 'uefi1.img', packing: 'none' }, { ftype: 'img.xz', packing: 'xz' }, { ftype: 'disk1.img', packing: 'none' }] as const;
const debianNames: Readonly<Record<Architecture, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

export interface ReadRequest {
  readonly read: 'index' | 'products';
  readonly architecture: Architecture;
  readonly defaultUser: string;
}

/** What is needed of a document, out of a text that may be anything. Throws an error whose message says what is wrong. */
export function readDocument(text: string, request: ReadRequest): unknown {
  const parsed: unknown = JSON.parse(text);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new Error(`the key ${JSON.stringify(twice.slice(0, 80))} is there twice`);
  return request.read === 'index' ? readIndex(parsed) : readProducts(parsed, request);
}

function readIndex(parsed: unknown): readonly string[] {
  const entries = Object.values(index.parse(parsed).index);
  return entries.filter((entry) => entry.datatype === 'image-downloads').map((entry) => entry.path);
}

function readProducts(parsed: unknown, request: ReadRequest): readonly RemoteImage[] {
  const all = Object.values(products.parse(parsed).products);
  const images = all.filter((each) => each.arch === debianNames[request.architecture]).flatMap((each) => newestImage(each, request) ?? []);
  return images.sort((a, b) => b.release.localeCompare(a.release, 'en', { numeric: true }));
}

function newestImage(from: Product, request: ReadRequest): RemoteImage | undefined {
  const versions = Object.keys(from.versions).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const version of versions) {
    const items = Object.values(from.versions[version]?.items ?? {});
    for (const { ftype, packing } of kinds) {
      const found = items.find((each) => each.ftype === ftype);
      if (found) return describe(from, version, { ...item.parse(found), packing }, request);
    }
  }
  return undefined;
}

function describe(from: Product, version: string, file: z.infer<typeof item> & { readonly packing: 'none' | 'xz' }, request: ReadRequest): RemoteImage {
  if (file.sha256 === undefined) throw new Error(`${file.path} has no sha256`);
  const os = from.os.toLowerCase();
  const given = (from.aliases ?? '').split(',').map((word) => word.trim().toLowerCase());
  const words = [...given, from.release ?? '', `${os}-${from.version}`, ...(given.includes('lts') ? [os] : [])].filter((word) => word !== from.version && imageAlias.safeParse(word).success);
  return remoteImage.parse({
    alias: from.version.toLowerCase(), words: [...new Set(words)], title: `${os.charAt(0).toUpperCase()}${os.slice(1)} ${from.release_title ?? from.version}`,
    os, release: from.version, version, architecture: request.architecture, isSupported: from.supported, defaultUser: request.defaultUser,
    path: file.path, digest: { algorithm: 'sha256', hex: file.sha256 }, downloadBytes: file.size, format: 'qcow2', packing: file.packing,
  });
}
