// SPDX-License-Identifier: MIT
import fs from 'node:fs';
import path from 'node:path';

/** Licences (SPDX) under which others' code may be handed on with Berth. */
const known = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Unlicense',
  'Zlib',
]);
const textFile = /^(licen[cs]e|copying|notice|third-?party-?notices)(\.(md|txt))?$/i;
/** What a package of the bundler says of what it is itself made of, which is not in ours. */
const otherThanItself = /^#+ Licenses of bundled dependencies[\s\S]*/m;
/** For packages that name their licence and come without its text. */
const standardTexts = path.resolve(import.meta.dirname, '../licences');

interface Notice {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

/**
 * The notices of packages, given by their directories: name, version, licence and its text.
 * @throws Error that names each package whose licence is not known, or whose text is missing
 */
export function noticesOf(packages: readonly string[]): string {
  const problems: string[] = [];
  const notices = packages.flatMap((directory) => {
    const notice = noticeOf(directory);
    if (typeof notice === 'string') problems.push(notice);
    return typeof notice === 'string' ? [] : [notice];
  });
  if (problems.length > 0) throw new Error(`packages that cannot be handed on as they are:\n${problems.join('\n')}`);
  const sorted = notices.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  return [
    'Berth holds code of the following packages.\n',
    ...sorted.map(
      ({ name, version, licence, text }) => `${'-'.repeat(80)}\n${name} ${version} (${licence})\n\n${text}\n`,
    ),
  ].join('\n');
}

/** The notice, or why there is none. */
function noticeOf(directory: string): Notice | string {
  const manifest = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: unknown;
    readonly licenses?: readonly { readonly type?: string }[];
  };
  const licence = typeof manifest.license === 'string' ? manifest.license : manifest.licenses?.[0]?.type;
  const which = `${manifest.name} ${manifest.version}`;
  if (licence === undefined || !known.has(licence)) return `${which}: its licence is ${licence ?? 'not said'}`;
  const texts = fs
    .readdirSync(directory)
    .filter((file) => textFile.test(file))
    .toSorted()
    .map((file) => fs.readFileSync(path.join(directory, file), 'utf8').replace(otherThanItself, '').trim());
  if (texts.length === 0) {
    const standard = path.join(standardTexts, `${licence}.txt`);
    if (!fs.existsSync(standard)) return `${which}: there is no text of its licence`;
    texts.push(fs.readFileSync(standard, 'utf8').trim());
  }
  return { name: manifest.name, version: manifest.version, licence, text: texts.join('\n\n') };
}
