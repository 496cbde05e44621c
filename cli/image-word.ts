// SPDX-License-Identifier: MIT
import { launchParams } from '#contract/instances.ts';
import { say } from '#messages/say.ts';
import { HelperCallError } from '../client/helper-call-error.ts';

/**
 * A word for an image, as the contract takes it: a digest, or the beginning of one, may be in capitals.
 * @throws HelperCallError image.name-invalid
 */
export function imageWord(word: string): string {
  const image = /^[0-9a-f]{8,64}$/i.test(word) ? word.toLowerCase() : word;
  if (!isImage(image)) throw HelperCallError.of('image.name-invalid', { image: word, reason: reasonAgainst(word) });
  return image;
}

function isImage(word: string): boolean {
  return launchParams.shape.image.safeParse(word).success;
}

function reasonAgainst(word: string): string {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(word) ?? [];
  if (scheme !== undefined) return say('cli.image-name.scheme', { scheme: scheme.toLowerCase() });
  const [, remote] = /^([a-z][a-z0-9-]*):$/.exec(word) ?? [];
  if (remote !== undefined) return say('cli.image-name.missing', { remote });
  if (word === '') return say('cli.image-name.empty');
  if (isImage(word.toLowerCase())) return say('cli.image-name.capitals', { name: word.toLowerCase() });
  return say('cli.image-name.rules');
}
