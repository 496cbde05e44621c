// SPDX-License-Identifier: MIT
import { IntlMessageFormat } from 'intl-messageformat';
import { commonTexts, errorMessages } from './en/index.ts';
import type { Catalogue, ErrorCode, ErrorWords, TextId, Texts } from './en/index.ts';
import { inPseudoLocale, pseudoLocale } from './pseudo-locale.ts';
import type { Sentence, ToldSentence, Values, ValuesOf } from './sentence.ts';

export { sentence } from './sentence.ts';

/** In which all messages are written. */
let english: Catalogue = { locale: 'en', errors: errorMessages, texts: commonTexts };
let catalogue = english;

/** Adds what a program says of its own to what all say: once, before anything is said. */
export function useTexts(own: Catalogue['texts']): void {
  english = { ...english, texts: { ...english.texts, ...own } };
  useLanguage(catalogue.locale);
}

/**
 * Chooses the language of all that is said from now on: once, when a program starts.
 *
 * @param language - as BCP 47 has it. There are English and `en-XA`, which is English with accents on its letters:
 *   tests find by it the words that are in no catalogue. Any other means English.
 */
export function useLanguage(language: string | undefined): void {
  catalogue = language === pseudoLocale ? { ...english, locale: pseudoLocale } : english;
}

/** A message in the language of this program. */
export function say<Id extends TextId>(id: Id, ...values: ValuesOf<Texts[Id]>): string {
  return filled(catalogue.texts[id] ?? id, spoken(values[0] ?? {}, catalogue), catalogue);
}

/**
 * A message some of whose words are set apart by tags, as in `Only root: <code>{line}</code>`.
 *
 * @param parts - by tag, what becomes of that which stands in it
 * @returns the texts and the parts, in their order
 */
export function sayRich<Part>(
  id: TextId,
  values: Values,
  parts: Readonly<Record<string, (inner: (string | Part)[]) => Part>>,
): readonly (string | Part)[] {
  const said = parse(catalogue.texts[id] ?? id, catalogue.locale, false).format<Part>(
    withoutGaps({ ...spoken(values, catalogue), ...parts }),
  );
  return Array.isArray(said) ? said : [said];
}

/** The words of a sentence; undefined for one from elsewhere that this version does not have. */
export function saySentence(sentence: Sentence): string;
export function saySentence(told: ToldSentence): string | undefined;
export function saySentence(told: ToldSentence): string | undefined {
  return sayIn(catalogue, told);
}

/** The same in English, whatever the language: for records and logs, and for clients that take only text. */
export function inEnglish(told: ToldSentence): string {
  return sayIn(english, told) ?? told.id;
}

/** What an error says in the language of this program, and the way out. */
export function sayError(code: ErrorCode, values: Values): ErrorWords {
  const { message, hint } = catalogue.errors[code];
  const words = spoken(values, catalogue);
  return { message: filled(message, words, catalogue), hint: filled(hint, words, catalogue) };
}

/** Undefined where the message, or a sentence in one of its places, is of a later version. */
function sayIn(language: Catalogue, { id, values = {} }: ToldSentence): string | undefined {
  // ids come from elsewhere: `constructor` is none
  if (!Object.hasOwn(language.texts, id)) return undefined;
  const words = spoken(values, language);
  if (Object.values(words).includes(undefined)) return undefined;
  return filled(language.texts[id as TextId] ?? id, words, language);
}

/**
 * Without choices and quotes of ICU's a message is its words and its places, as nearly all are. It is not parsed then:
 * a command line says a hundred of them when it starts, and one for each row of a list.
 */
const plain = /^(?:[^{}']|'(?!['<>{}])|\{\w+\})*$/;

function filled(message: string, words: Words, language: Catalogue): string {
  const complete = withoutGaps(words);
  if (language.locale !== pseudoLocale && plain.test(message))
    return message.replaceAll(/\{(\w+)\}/g, (_, place: string) => String(complete[place]));
  return String(parse(message, language.locale).format(complete));
}

/** What stands in the places of a message; undefined for a sentence of a later version. */
type Words = Record<string, string | number | undefined>;

function spoken(values: Values, language: Catalogue): Words {
  return Object.fromEntries(
    Object.entries(values).map(([place, value]) => [place, typeof value === 'object' ? sayIn(language, value) : value]),
  );
}

/** What a version of another age does not give stays empty: FormatJS would throw. */
function withoutGaps<Given>(given: Record<string, Given | undefined>): Record<string, Given | string> {
  return new Proxy(given as Record<string, Given | string>, {
    has: () => true,
    get: (said, place: string) => (Object.hasOwn(said, place) ? said[place] : '') ?? '',
  });
}

/** By locale and message: a message is parsed when it is first said. */
const parsed = new Map<string, IntlMessageFormat>();

function parse(message: string, locale: string, ignoreTag = true): IntlMessageFormat {
  const key = `${locale} ${ignoreTag} ${message}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const written = new IntlMessageFormat(message, locale, undefined, { ignoreTag });
  const format = locale === pseudoLocale ? new IntlMessageFormat(inPseudoLocale(written.getAst()), 'en') : written;
  parsed.set(key, format);
  return format;
}
