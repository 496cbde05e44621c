// SPDX-License-Identifier: MIT
import { imageSettings, type ImageSettings } from '#contract/images.ts';
import type { Logger } from '../core/log.ts';
import { loadDocument, writeDocument } from '../store/document.ts';
import { inheritUnknown } from '../store/unknown-keys.ts';
import { imageSettingsDocument } from './settings-document.ts';

/** The administrator's decisions about images; the defaults where nothing was decided, or what was cannot be read. */
export async function readImageSettings(file: string, log: Logger): Promise<ImageSettings> {
  return (await loadDocument(imageSettingsDocument, file, log)) ?? imageSettings.parse({});
}

/** What a later version decided besides stays: `before` are the settings that these take the place of. */
export async function writeImageSettings(
  file: string,
  settings: ImageSettings,
  before: ImageSettings,
): Promise<ImageSettings> {
  return await writeDocument(imageSettingsDocument, file, inheritUnknown(settings, before));
}
