// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { z } from 'zod';
import { leftOutEntries, type Architecture } from '#contract/images.ts';
import { imageAlias } from '#contract/names.ts';
import { LeftOut } from '../sources/left-out.ts';
import { listPath, relativePath, remoteImage, type RemoteImage } from '../sources/remote-image.ts';
import { duplicateKey } from './duplicate-key.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Simplestreams as Ubuntu's cloud images have it: streams/v1/index.json and the products it names. What lies in a
 * record is looked at entry by entry, so that an odd one costs itself alone.
 */
const index = z.object({ index: z.record(z.string(), z.unknown()) });
const indexEntry = z.object({ datatype: z.string().optional() });
const imageList = z.object({ path: listPath });
const products = z.object({ products: z.record(z.string(), z.unknown()) });
const forArchitecture = z.object({ arch: z.string() });
const product = z.object({
  aliases: z.string().optional(),
  os: z.string().default('ubuntu'),
  release: z.string().optional(),
  release_title: z.string().optional(),
  version: z.string(),
  supported: z.boolean().default(true),
  versions: z.record(z.string(), z.unknown()),
});
const build = z.object({ items: z.record(z.string(), z.unknown()) });
const kindOfItem = z.object({ ftype: z.string() });
const item = z.object({
  path: relativePath,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in lower-case hex'),
  size: z.int().positive(),
});
type Product = z.infer<typeof product>;

/** Best first: one that boots by UEFI and BIOS, then packed, then any disk. */
const kinds = [
  { ftype: 'uefi1.img', packing: 'none' },
  { ftype: 'img.xz', packing: 'xz' },
  { ftype: 'disk1.img', packing: 'none' },
] as const;
const debianNames: Readonly<Record<Architecture, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

export interface ReadRequest {
  readonly read: 'index' | 'products';
  readonly architecture: Architecture;
  readonly defaultUser: string;
}

export const indexReading = z.object({ lists: z.array(listPath), leftOut: leftOutEntries.optional() });
export type IndexReading = z.infer<typeof indexReading>;
export const productsReading = z.object({ images: z.array(remoteImage).max(2000), leftOut: leftOutEntries.optional() });
export type ProductsReading = z.infer<typeof productsReading>;

/**
 * What is needed of a document, out of a text that may be anything. Throws an error whose message says what is wrong.
 */
export function readDocument(text: string, request: ReadRequest): IndexReading | ProductsReading {
  const parsed: unknown = JSON.parse(text);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new Error(`the key ${JSON.stringify(twice.slice(0, 80))} is there twice`);
  return request.read === 'index' ? readIndex(parsed) : readProducts(parsed, request);
}

function readIndex(parsed: unknown): IndexReading {
  const leftOut = new LeftOut();
  const lists = Object.entries(index.parse(parsed).index).flatMap(([name, entry]) => {
    try {
      return indexEntry.parse(entry).datatype === 'image-downloads' ? [imageList.parse(entry).path] : [];
    } catch (error) {
      leftOut.note(name, reasonOf(error));
      return [];
    }
  });
  return { lists, leftOut: leftOut.entries };
}

function readProducts(parsed: unknown, request: ReadRequest): ProductsReading {
  const leftOut = new LeftOut();
  const images = Object.entries(products.parse(parsed).products).flatMap(([name, entry]) => {
    try {
      if (forArchitecture.parse(entry).arch !== debianNames[request.architecture]) return [];
      return (
        newestImage(product.parse(entry), request, (version, error) =>
          leftOut.note(`${name}, ${version}`, reasonOf(error)),
        ) ?? []
      );
    } catch (error) {
      leftOut.note(name, reasonOf(error));
      return [];
    }
  });
  return {
    images: images.sort((a, b) => b.release.localeCompare(a.release, 'en', { numeric: true })),
    leftOut: leftOut.entries,
  };
}

function newestImage(
  from: Product,
  request: ReadRequest,
  isOdd: (version: string, error: unknown) => void,
): RemoteImage | undefined {
  const versions = Object.keys(from.versions).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  for (const version of versions) {
    try {
      const image = imageOf(from, version, request);
      if (image !== undefined) return image;
    } catch (error) {
      isOdd(version, error);
    }
  }
  return undefined;
}

/** Undefined where the build has no disk. */
function imageOf(from: Product, version: string, request: ReadRequest): RemoteImage | undefined {
  const items = Object.values(build.parse(from.versions[version]).items);
  for (const { ftype, packing } of kinds) {
    const found = items.find((each) => kindOfItem.safeParse(each).data?.ftype === ftype);
    if (found !== undefined) return describe(from, version, { ...item.parse(found), packing }, request);
  }
  return undefined;
}

function describe(
  from: Product,
  version: string,
  file: z.infer<typeof item> & { readonly packing: 'none' | 'xz' },
  request: ReadRequest,
): RemoteImage {
  const os = from.os.toLowerCase();
  const given = (from.aliases ?? '').split(',').map((word) => word.trim().toLowerCase());
  const words = [...given, from.release ?? '', `${os}-${from.version}`, ...(given.includes('lts') ? [os] : [])].filter(
    (word) => word !== from.version && imageAlias.safeParse(word).success,
  );
  return remoteImage.parse({
    alias: from.version.toLowerCase(),
    words: [...new Set(words)],
    title: `${capitalised(os)} ${from.release_title ?? from.version}`,
    os,
    release: from.version,
    version,
    architecture: request.architecture,
    isSupported: from.supported,
    defaultUser: request.defaultUser,
    path: file.path,
    digest: { algorithm: 'sha256', hex: file.sha256 },
    downloadBytes: file.size,
    format: 'qcow2',
    packing: file.packing,
  });
}
