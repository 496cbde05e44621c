// SPDX-License-Identifier: MIT
import type { CatalogueEntry } from '#contract/images.ts';
import { HelperError } from '../../core/errors.ts';
import type { ProcessRunner } from '../../core/seams/processes.ts';
import { buildImage } from '../build/build-image.ts';
import { recipes } from '../build/recipes.ts';
import type { ImageRecord } from '../vault/image-record.ts';
import type { BringContext, StagingSource } from '../vault/staging-source.ts';

/** Images made on this computer from distribution packages. */
export class BuiltSource implements StagingSource {
  readonly origin = 'built';
  readonly #runner: ProcessRunner;
  readonly #assetsDirectory: string;

  constructor(runner: ProcessRunner, assetsDirectory: string) {
    this.#runner = runner;
    this.#assetsDirectory = assetsDirectory;
  }

  async list(): Promise<readonly CatalogueEntry[]> {
    return recipes.map((recipe) => recipe.entry);
  }

  async bring(alias: string, staged: string, context: BringContext): Promise<ImageRecord> {
    const recipe = recipes.find((candidate) => candidate.entry.alias === alias);
    if (!recipe) throw new HelperError('image.not-found', { image: alias });
    return buildImage(recipe, staged, {
      runner: this.#runner,
      assetsDirectory: this.#assetsDirectory,
      signal: context.signal,
      report: (progress) => context.report(progress),
    });
  }
}
