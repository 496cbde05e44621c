// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { imageSettings, type ImageRemote, type ImageSettings } from '../../contract/images.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import type { ImageServer } from './image-server.ts';
import { indexDocument, listPath } from './image-trees.ts';

/**
 * Publishes a disk file as Debian 12 in the shape of simplestreams, beside an older release and one that is no longer
 * supported.
 */
export async function publishDebian(server: ImageServer, file: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const item = {
    ftype: 'disk1.img',
    path: 'release/debian-12.img',
    sha256: hash.digest('hex'),
    size: statSync(file).size,
  };
  const product = (version: string, codename: string, supported = true): object => ({
    aliases: codename,
    arch: 'amd64',
    os: 'debian',
    release: codename,
    release_title: version,
    version,
    supported,
    versions: { '20260301': { items: { disk: item } } },
  });
  server.put('streams/v1/index.json', indexDocument());
  server.put(item.path, { file });
  server.put(
    listPath,
    JSON.stringify({
      products: { a: product('12', 'bookworm'), b: product('11', 'bullseye'), c: product('8', 'jessie', false) },
    }),
  );
}

/** Settings that ask these remotes and none that comes with Berth. */
export async function onlyRemotes(
  client: HelperConnection,
  remotes: readonly { readonly name: string; readonly title?: string; readonly url: string }[],
): Promise<ImageSettings> {
  return withoutBuiltIn(await client.request('images.remotes', {}), { remotes });
}

/** The same where the images are at hand; `settings` are any others, the remotes among them. */
export function withoutBuiltIn(
  present: readonly ImageRemote[],
  settings: Readonly<Record<string, unknown>> = {},
): ImageSettings {
  return imageSettings.parse({
    disabled: present.filter(({ isBuiltIn }) => isBuiltIn).map(({ name }) => name),
    ...settings,
  });
}
