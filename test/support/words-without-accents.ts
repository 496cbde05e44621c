// SPDX-License-Identifier: MIT
import type { Page } from '@playwright/test';

/** What stands on the screen with plain letters, each with where it is. */
export interface PlainWords {
  /** Of the window itself. */
  readonly window: readonly string[];
  /** That came from the helper. */
  readonly helper: readonly string[];
}

interface Shown {
  readonly text: string;
  readonly where: string;
}

/** Symbols of units, names of formats, and what Intl says of a date in the person's own language. */
const noWords: ReadonlySet<string> = new Set(
  [
    ['KiB', 'MiB', 'GiB', 'TiB', 'min', 'ms'],
    ['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'xz', 'zst', 'gz', 'bz2', 'virtiofs', 'sshfs'],
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Sept', 'Oct', 'Nov', 'Dec', 'AM', 'PM'],
  ].flat(),
);

/** Texts that are as they are in every language. */
const asTheyAre: ReadonlySet<string> = new Set([
  // react-aria's own word, for which it has its own catalogue
  'Dismiss',
  // an example of what to type
  '#cloud-config packages: - git',
]);

/** A path or an address alone, as an example of one. */
const place = /^(?:https?:\/)?\/\S+$/;

/** Where a name is suggested, which the helper made up. */
const suggestedName = 'placeholder of launch-name';

/** What a page in the pseudo-locale says with plain letters, apart from names, paths, output and commands. */
export async function wordsWithoutAccents(page: Page, told: readonly string[]): Promise<PlainWords> {
  const shown = await page.evaluate(collect);
  const plain = shown
    .map(({ text, where }) => ({ text: text.replaceAll(/\s+/g, ' ').trim(), where }))
    .filter(
      ({ text, where }) => !asTheyAre.has(text) && !place.test(text) && where !== suggestedName && hasPlainWord(text),
    );
  const isTold = ({ text }: Shown): boolean => !hasPlainWord(without(text, told));
  return {
    window: listed(plain.filter((each) => !isTold(each))),
    helper: listed(plain.filter(isTold)),
  };
}

function hasPlainWord(text: string): boolean {
  return (text.match(/[a-z0-9]*[a-z]{2,}[a-z0-9]*/gi) ?? []).some((word) => !noWords.has(word));
}

function without(text: string, told: readonly string[]): string {
  return told.reduce((left, each) => left.replaceAll(each, ''), text);
}

function listed(shown: readonly Shown[]): readonly string[] {
  return [...new Set(shown.map(({ text, where }) => `${text} (${where})`))];
}

/** In the page: all texts, and the attributes that are read to a person. */
function collect(): Shown[] {
  // react-aria announces what is selected in words of its own catalogue.
  const isOurs = (element: Element): boolean =>
    element.closest('[data-live-announcer]') === null &&
    (element.closest('code, pre, script, style, .xterm') === null || element.matches('textarea')) &&
    element.closest('[translate]')?.getAttribute('translate') !== 'no' &&
    element.checkVisibility();
  const whereOf = (element: Element): string =>
    element.closest('[data-testid]')?.getAttribute('data-testid') ?? element.tagName.toLowerCase();
  return [...document.querySelectorAll('body, body *')].filter(isOurs).flatMap((element) => [
    ...[...element.childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => ({ text: node.textContent ?? '', where: whereOf(element) })),
    ...['aria-label', 'title', 'placeholder', 'alt'].flatMap((name) => {
      const text = element.getAttribute(name);
      return text === null ? [] : [{ text, where: `${name} of ${whereOf(element)}` }];
    }),
  ]);
}

/** The fields of what the helper tells that hold its words, or names of what there is. */
const tellingFields: ReadonlySet<string> = new Set(
  [
    ['title', 'description', 'cost', 'summary', 'evidence', 'fix', 'detail', 'reason', 'modelReason', 'step'],
    ['os', 'release', 'architecture', 'alias', 'image', 'imageTitle'],
  ].flat(),
);

/** All words and names that the helper tells about itself, its images and these instances, the longest first. */
export async function wordsOfHelper(page: Page, instances: readonly string[]): Promise<readonly string[]> {
  const answers = await page.evaluate(async (names) => {
    const ask = async (method: string, params: object): Promise<unknown> => await window.berth.request(method, params);
    return await Promise.all([
      new Promise((resolve) => {
        const stop = window.berth.subscribe((message) => {
          if (message.kind !== 'snapshot') return;
          stop();
          resolve(message);
        });
      }),
      ask('system.doctor', {}),
      ...names.flatMap((name) =>
        ['instances.info', 'instances.security', 'denials.list'].map(async (method) => await ask(method, { name })),
      ),
    ]);
  }, instances);
  const told = new Set<string>();
  const take = (value: unknown, key = ''): void => {
    if (typeof value === 'string' && tellingFields.has(key) && value.length > 2) told.add(value);
    else if (Array.isArray(value)) value.forEach((each) => take(each, key));
    else if (typeof value === 'object' && value !== null) Object.entries(value).forEach(([k, v]) => take(v, k));
  };
  take(answers);
  const asSentences = [...told].map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`);
  return [...new Set([...told, ...asSentences])].sort((a, b) => b.length - a.length);
}
