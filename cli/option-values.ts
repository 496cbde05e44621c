// SPDX-License-Identifier: MIT
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { mebibyte, parseBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';

/** A size such as `512M` or `1.5G`, in bytes. */
export function sizeValue(text: string): number {
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError(say('cli.usage.size'));
  return bytes;
}

/** The memory or disk of an instance. Whoever leaves the unit away hardly means bytes. */
export function machineSizeValue(text: string): number {
  const bytes = sizeValue(text);
  if (bytes > 0 && bytes < mebibyte && /^\s*\d+\s*$/.test(text))
    throw new InvalidArgumentError(say('cli.usage.size-without-unit', { bytes, number: text.trim() }));
  return bytes;
}

/** A whole number of 1 or more. */
export function countValue(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError(say('cli.usage.count'));
  return Number(text);
}

/** As long as a timer can be set: its milliseconds have 31 bits (https://nodejs.org/api/timers.html). */
const mostSeconds = Math.floor((2 ** 31 - 1) / 1000);

/** How long something may take, in whole seconds. */
export function secondsValue(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text) || Number(text) > mostSeconds)
    throw new InvalidArgumentError(say('cli.usage.seconds', { most: String(mostSeconds) }));
  return Number(text);
}

/** A name of the IANA time zone database (https://www.iana.org/time-zones), of which the engine has a copy. */
export function timeZoneValue(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    throw new InvalidArgumentError(say('cli.usage.time-zone'));
  }
  return text;
}

/** Files of `host` on this computer are files of `guest` in the guest. */
export interface IdPair {
  readonly host: number;
  readonly guest: number;
}

/** The one behind it stands for "no change" (chown(2)). */
const largestId = 0xffff_fffe;

/** `HOST:GUEST`, once or several times. */
export function idPairValue(text: string, before: readonly IdPair[] | undefined): readonly IdPair[] {
  const match = /^(\d{1,10}):(\d{1,10})$/.exec(text);
  if (!match || Math.max(Number(match[1]), Number(match[2])) > largestId)
    throw new InvalidArgumentError(say('cli.usage.id-pair'));
  return [...(before ?? []), { host: Number(match[1]), guest: Number(match[2]) }];
}

/** What becomes of something that is there already. */
export const ifExistsChoices = ['replace', 'keep-both', 'skip', 'ask'] as const;
export type IfExists = (typeof ifExistsChoices)[number];

/** Lists of an instance's settings that can be emptied, by the options that fill them. */
const clearableLists = ['qemu-arg', 'qemu-env', 'vfio-group', 'host-disk'] as const;
export type ClearableList = (typeof clearableLists)[number];

/** One of {@link clearableLists}, once or several times. */
export function clearValue(text: string, before: readonly ClearableList[] | undefined): readonly ClearableList[] {
  const list = clearableLists.find((each) => each === text);
  if (list === undefined)
    throw new InvalidArgumentError(say('cli.usage.one-of', { choices: clearableLists.join(', ') }));
  return [...(before ?? []), list];
}

/** A text, once or several times. */
export function textsValue(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
