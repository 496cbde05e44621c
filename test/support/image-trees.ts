// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { ImageServer } from './image-server.ts';

export const digest = (algorithm: 'sha256' | 'sha512', content: Buffer): string =>
  createHash(algorithm).update(content).digest('hex');

interface Product {
  readonly version: string;
  readonly codename: string;
  readonly os?: string;
  readonly aliases: string;
  readonly isSupported?: boolean;
  readonly builds: Readonly<
    Record<
      string,
      {
        readonly ftype: string;
        readonly path: string;
        readonly content: Buffer;
        readonly more?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

/** The products document as Ubuntu's cloud images have it. */
export function productsDocument(products: readonly Product[]): string {
  return JSON.stringify({
    content_id: 'com.ubuntu.cloud:released:download',
    datatype: 'image-downloads',
    format: 'products:1.0',
    products: Object.fromEntries(
      products.map(({ version, codename, os = 'ubuntu', aliases, isSupported = true, builds }) => [
        `com.ubuntu.cloud:server:${version}:amd64`,
        {
          aliases,
          arch: 'amd64',
          os,
          release: codename,
          release_title: version,
          version,
          supported: isSupported,
          support_eol: '2029-05-31',
          versions: Object.fromEntries(
            Object.entries(builds).map(([build, { ftype, path, content, more }]) => [
              build,
              {
                items: {
                  'disk.img': {
                    ftype,
                    path,
                    sha256: digest('sha256', content),
                    size: content.length,
                    md5: 'unused',
                    ...more,
                  },
                  manifest: { ftype: 'manifest', path: `${path}.manifest`, sha256: 'a'.repeat(64), size: 10 },
                },
                label: 'release',
                pubname: `ubuntu-${codename}-${build}`,
              },
            ]),
          ),
        },
      ]),
    ),
  });
}

const listPath = 'streams/v1/com.ubuntu.cloud:released:download.json'.replaceAll(':', '.');

/** The index beside it. */
export function indexDocument(products = listPath): string {
  return JSON.stringify({
    format: 'index:1.0',
    updated: 'Thu, 01 Jan 2026 00:00:00 +0000',
    index: {
      'com.ubuntu.cloud:released:download': {
        datatype: 'image-downloads',
        format: 'products:1.0',
        path: products,
        products: [],
      },
      'com.ubuntu.cloud:released:aws': { datatype: 'image-ids', format: 'products:1.0', path: 'streams/v1/aws.json' },
    },
  });
}

/** Puts a whole simplestreams tree below `base`. */
export function putSimplestreams(server: ImageServer, base: string, products: readonly Product[]): void {
  server.put(`${base}streams/v1/index.json`, indexDocument());
  server.put(`${base}${listPath}`, productsDocument(products));
  for (const { builds } of products)
    for (const { path, content } of Object.values(builds)) server.put(`${base}${path}`, content);
}

export { listPath };
