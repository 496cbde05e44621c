// SPDX-License-Identifier: MIT
import { imageSettings, type ImageSettings } from '#contract/images.ts';
import type { Logger } from '../core/log.ts';
import { writeDurably } from '../store/durable.ts';
import { loadStateFile } from '../store/load-state-file.ts';

/** The administrator's decisions about images; the defaults where nothing was decided, or what was cannot be read. */
export async function readImageSettings(file: string, log: Logger): Promise<ImageSettings> {
  return (await loadStateFile(file, (content) => imageSettings.parse(content), log)) ?? imageSettings.parse({});
}

export async function writeImageSettings(file: string, settings: ImageSettings): Promise<void> {
  await writeDurably(file, `${JSON.stringify(settings, undefined, 2)}\n`);
}
