// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { leftOutEntries, verification } from '#contract/images.ts';
import { timestamp, type RemoteName } from '#contract/names.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { writeDurably } from '../../store/durable.ts';
import { readStateFile } from '../../store/read-state-file.ts';
import { remoteImage } from './remote-image.ts';

const cachedList = z.object({
  schema: z.literal(1),
  url: z.string(),
  refreshedAt: timestamp,
  verification,
  images: z.array(remoteImage),
  leftOut: leftOutEntries.optional(),
});
export type CachedList = Omit<z.infer<typeof cachedList>, 'schema'>;

/** What each remote had when it was last asked, so that it can be launched from at once after a restart. */
export class RemoteCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined where there is none of this URL that can be read: it is fetched again then. */
  async read(name: RemoteName, url: string): Promise<CachedList | undefined> {
    try {
      const cached = cachedList.parse(JSON.parse((await readStateFile(this.#file(name))) ?? 'null'));
      return cached.url === url ? cached : undefined;
    } catch {
      return undefined; // a cache: what cannot be read is as good as not there
    }
  }

  async write(name: RemoteName, list: CachedList): Promise<void> {
    await makeDirectory(this.#directory, 0o700);
    await writeDurably(this.#file(name), JSON.stringify({ schema: 1, ...list }));
  }

  async remove(name: RemoteName): Promise<void> {
    await rm(this.#file(name), { force: true });
  }

  #file(name: RemoteName): string {
    return path.join(this.#directory, `${name}.json`);
  }
}
