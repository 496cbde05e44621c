// SPDX-License-Identifier: MIT
import process from 'node:process';
import { parseArgs } from 'node:util';
import { LocalProcessRunner } from '../../process/runner.ts';
import { assetsDirectory } from '../../core/assets.ts';
import { messageOf } from '../../core/errors.ts';
import { buildImage } from './build-image.ts';
import { recipes } from './recipes.ts';

/**
 * `node native-helper/images/build/main.ts <image> --out <directory>`: makes an image for the
 * helper's --seed-images and for the tests. Needs root, for the owners of the guest's files.
 */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  const recipe = recipes.find((candidate) => candidate.entry.alias === positionals[0]);
  if (!recipe || values.out === undefined || positionals.length !== 1) {
    console.error(`usage: main.ts <${recipes.map((candidate) => candidate.entry.alias).join('|')}> --out <directory>`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    console.error('Building an image needs root: the files in it belong to root.');
    return 1;
  }

  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      abort.abort();
    });
  const started = Date.now();
  try {
    const record = await buildImage(recipe, values.out, {
      runner: new LocalProcessRunner(),
      assetsDirectory,
      signal: abort.signal,
      report: ({ step, fraction }) => {
        const percent = fraction === undefined ? '    ' : `${String(Math.round(fraction * 100)).padStart(3)}%`;
        console.log(`${percent} ${recipe.entry.alias}: ${step} (${((Date.now() - started) / 1000).toFixed(0)} s)`);
      },
    });
    console.log(`${values.out}: ${record.fingerprint.slice(0, 12)}, ${(record.fileBytes / 1e6).toFixed(1)} MB`);
    return 0;
  } catch (error) {
    console.error(abort.signal.aborted ? 'Interrupted; nothing is left of it.' : messageOf(error));
    return abort.signal.aborted ? 130 : 1;
  }
}

process.exitCode = await main();
