// SPDX-License-Identifier: MIT
import { imageSettings, type ImageSettings } from '#contract/images.ts';
import type { RemoteName } from '#contract/names.ts';
import { HelperError, messageOf, toHelperError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { isNewer, readDocument, tellUnknown, writeDocument } from '../../store/document.ts';
import { setAside } from '../../store/set-aside.ts';
import { inheritUnknown } from '../../store/unknown-keys.ts';
import { imageSettingsDocument, nameOf, splitRemotes, type SettingsRecord } from './settings-document.ts';

/** The administrator's decisions about images, as far as this version understands them. */
export interface KnownSettings {
  readonly settings: ImageSettings;
  /** Remotes that cannot be used; they are kept in the file. */
  readonly unused: readonly unknown[];
  /**
   * image.settings-unusable: what was decided cannot be understood as a whole. Nothing is to be fetched until the
   * administrator decides anew: he may have shut off what would be asked, or put a proxy before it.
   */
  readonly fault?: HelperError | undefined;
}

/** Longer than any image lies unused: none is to go because of a number that could not be read. */
const longestExpiryDays = 3650;

/** The defaults where nothing was decided. What cannot be read stays where it is, and is told. */
export async function readImageSettings(file: string, log: Logger): Promise<KnownSettings> {
  try {
    const record = await readDocument(imageSettingsDocument, file);
    if (!record) return { settings: imageSettings.parse({}), unused: [] };
    tellUnknown(record, file, log);
    const known = knownPart(record);
    if (known.unused.length > 0)
      log.warn({ file, remotes: unusedNames(known) }, 'remotes that cannot be used are kept in the settings of images');
    return known;
  } catch (error) {
    log.error({ file, reason: messageOf(error) }, 'the settings of images cannot be used, so no image source is');
    const wayOut = isNewer(error)
      ? `Update Berth. To decide anew without it, move ${file} away as root and restart the helper.`
      : `Repair ${file} and restart the helper, or set them anew as root with berth images settings --set FILE.`;
    const fault = new HelperError(
      'image.settings-unusable',
      { reason: toHelperError(error).message, wayOut },
      { cause: error },
    );
    return { settings: imageSettings.parse({ expiryDays: longestExpiryDays }), unused: [], fault };
  }
}

/**
 * What a later version decided besides stays: `before` are the settings that these take the place of. A remote that
 * could not be used stays too, unless one of its name comes.
 * @throws HelperError image.settings-unusable: a later version's file is not written over; storage.failed
 */
export async function writeImageSettings(
  file: string,
  settings: ImageSettings,
  before: KnownSettings,
): Promise<KnownSettings> {
  if (isNewer(before.fault?.cause)) throw before.fault;
  if (before.fault) await setAside(file).catch(() => undefined); // gone by now, or written over
  const isReplaced = (unused: unknown): boolean => settings.remotes.some(({ name }) => name === nameOf(unused));
  const remotes = [...settings.remotes, ...before.unused.filter((each) => !isReplaced(each))];
  const record: SettingsRecord = inheritUnknown({ ...settings, remotes }, before.settings);
  return knownPart(await writeDocument(imageSettingsDocument, file, record));
}

/** As far as they can be told. */
export function unusedNames({ unused }: Pick<KnownSettings, 'unused'>): readonly RemoteName[] {
  return unused.flatMap((each) => nameOf(each) ?? []);
}

function knownPart(record: SettingsRecord): KnownSettings {
  const { known, unused } = splitRemotes(record.remotes);
  return { settings: { ...record, remotes: [...known] }, unused };
}
