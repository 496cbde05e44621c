// SPDX-License-Identifier: MIT
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Files } from './files.ts';
import { isTemporary } from './durable.ts';

/** Removes the temporary files of durable writes that were cut short: before the first write of this helper. */
export async function sweepTemporary(files: Files): Promise<void> {
  const holders = [files.instances, files.images];
  const inside = await Promise.all(
    holders.map(async (holder) => (await namesIn(holder)).map((name) => path.join(holder, name))),
  );
  const consoles = (inside[0] ?? []).map((directory) => path.join(directory, 'console'));
  const places = [
    files.stateDirectory,
    files.operations,
    files.ledger,
    files.catalogues,
    files.downloads,
    files.profiles,
    files.shares,
    files.network,
    files.runDirectory,
    ...inside.flat(),
    ...consoles,
  ];
  await Promise.all(
    places.map(async (place) => {
      for (const name of (await namesIn(place)).filter(isTemporary))
        await rm(path.join(place, name), { force: true }).catch(() => {}); // the next start tries again
    }),
  );
}

/** Nothing where there is no such directory. */
async function namesIn(directory: string): Promise<string[]> {
  return await readdir(directory).catch(() => []);
}
