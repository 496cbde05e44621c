// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceServices } from '../instance/services.ts';

/** What a remote said is good for so long. */
const freshSeconds = 15 * 60;

/**
 * Refuses a word that means no image, before a question is asked that would be for nothing. Remotes are asked where
 * nothing here has it. Digests are left to the launch.
 *
 * @throws HelperError image.not-found, image.remote-not-found
 */
export async function requireKnownImage(
  { images }: Pick<InstanceServices, 'images'>,
  actor: Actor,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const isKnown = (): boolean =>
    /^[0-9a-f]{8,64}$/.test(image) ||
    images.find(image, actor) !== undefined ||
    images.catalogue(actor).some((entry) => means(entry, image));
  if (isKnown()) return;
  const [remote, ...rest] = image.split(':');
  if (rest.length > 0 && !images.remotes().some(({ name }) => name === remote))
    throw new HelperError('image.remote-not-found', { remote: remote ?? '' });
  if (!image.includes('/')) {
    // a remote that does not answer says nothing of the word: it may be one of its own
    const isAnswered = await images.refresh(freshSeconds, { signal, report: () => {} }).then(
      () => true,
      () => false,
    );
    signal.throwIfAborted();
    if (!isAnswered || isKnown()) return;
  }
  throw new HelperError('image.not-found', { image });
}

function means({ alias, remote, words = [] }: CatalogueEntry, image: string): boolean {
  return alias === image || words.some((word) => word === image || `${remote ?? ''}:${word}` === image);
}
