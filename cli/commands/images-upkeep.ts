// SPDX-License-Identifier: MIT
import { fingerprint, imageAlias, type Fingerprint, type ImageAlias } from '#contract/names.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { allImages } from '../../client/list-all.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { imageWord } from '../image-word.ts';
import { exitCodes } from '../exit-codes.ts';
import { showOperations } from '../show-operations.ts';
import { failureOf } from '../instance-operations.ts';
import { print } from '../output.ts';

/** `berth images verify`: every image named, or all. The first failure is thrown when all have been looked at. */
export async function verifyImages(context: CommandContext, names: readonly string[]): Promise<void> {
  const connection = await context.connect();
  const images =
    names.length > 0 ? names.map(reference) : (await allImages(connection)).map((image) => image.fingerprint);
  const followed = [];
  for (const image of images)
    followed.push({
      accepted: await connection.request('images.verify', { image }),
      label: `verify ${image.slice(0, 40)}`,
    });
  const failures = (await showOperations(context, followed)).map(failureOf).filter((error) => error !== undefined);
  if (failures[0]) throw failures[0];
}

/** `berth images prune`: says what went and what that freed. */
export async function pruneImages(
  context: CommandContext,
  options: { readonly all?: true | undefined },
): Promise<void> {
  const connection = await context.connect();
  const { removed, freedBytes } = await connection.request('images.prune', { isEverything: options.all === true });
  print(say('cli.images-prune.removed', { count: removed.length, size: formatBytes(freedBytes) }));
}

/** `berth images pin`: images that never expire. */
export async function pinImages(
  context: CommandContext,
  names: readonly string[],
  options: { readonly remove?: true | undefined },
): Promise<void> {
  const connection = await context.connect();
  for (const name of names)
    await connection.request('images.pin', { image: reference(name), isPinned: options.remove !== true });
}

function reference(word: string): ImageAlias | Fingerprint {
  const name = imageWord(word);
  const digits = fingerprint.safeParse(name);
  if (digits.success) return digits.data;
  const alias = imageAlias.safeParse(name);
  if (!alias.success) throw new CliError(say('cli.image-name.none', { word: name }), exitCodes.usage);
  return alias.data;
}
