// SPDX-License-Identifier: MIT
import { readFile, rename } from 'node:fs/promises';
import { imageSettings, type ImageSettings } from '#contract/images.ts';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { writeDurably } from '../store/durable.ts';

/** The administrator's decisions about images; the defaults where nothing was decided, or what was cannot be read. */
export async function readImageSettings(file: string, log: Logger): Promise<ImageSettings> {
  try {
    return imageSettings.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(':', '')}`;
      await rename(file, aside);
      log.error({ aside, reason: messageOf(error) }, 'the image settings cannot be read and were set aside');
    }
    return imageSettings.parse({});
  }
}

export async function writeImageSettings(file: string, settings: ImageSettings): Promise<void> {
  await writeDurably(file, `${JSON.stringify(settings, undefined, 2)}\n`);
}
