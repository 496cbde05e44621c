// SPDX-License-Identifier: MIT
import { randomInt } from 'node:crypto';
import { instanceName, type InstanceName } from '#contract/names.ts';

const qualities = [
  'amber',
  'brave',
  'brisk',
  'calm',
  'clear',
  'crisp',
  'deft',
  'eager',
  'fair',
  'fleet',
  'fond',
  'glad',
  'keen',
  'kind',
  'lucid',
  'merry',
  'mild',
  'neat',
  'noble',
  'plain',
  'prime',
  'quick',
  'quiet',
  'sage',
  'sharp',
  'sleek',
  'snug',
  'spry',
  'stout',
  'swift',
  'tidy',
  'warm',
  'wise',
];
const things = [
  'anchor',
  'bay',
  'beacon',
  'buoy',
  'cove',
  'delta',
  'dinghy',
  'dory',
  'ferry',
  'fjord',
  'galley',
  'gull',
  'harbor',
  'heron',
  'jetty',
  'kelp',
  'ketch',
  'lagoon',
  'mast',
  'oar',
  'otter',
  'pier',
  'quay',
  'reef',
  'rudder',
  'schooner',
  'seal',
  'skiff',
  'sloop',
  'tern',
  'tide',
  'wharf',
  'yawl',
];

/** Two words that read as a name; a number behind them when all else is taken. */
export function suggestName(isTaken: (name: InstanceName) => boolean): InstanceName {
  for (let attempt = 0; ; attempt += 1) {
    const words = `${qualities[randomInt(qualities.length)]}-${things[randomInt(things.length)]}`;
    const name = instanceName.parse(attempt < 20 ? words : `${words}-${attempt}`);
    if (!isTaken(name)) return name;
  }
}
