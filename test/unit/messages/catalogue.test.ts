// SPDX-License-Identifier: MIT
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { afterEach, describe, expect, test } from 'vitest';
import { describeError, helperErrorData } from '#contract/errors.ts';
import { errorMessages } from '#messages/en/index.ts';
import { inEnglish, say, saySentence, sentence, useLanguage } from '#messages/say.ts';
import { allTexts as texts } from '../../support/all-texts.ts';
import { root } from '../../../scripts/lib/paths.ts';
import { HelperError, toErrorData } from '../../../native-helper/core/errors.ts';

const all: readonly (readonly [string, string])[] = [
  ...Object.entries(texts),
  ...Object.entries(errorMessages).flatMap(([code, { message, hint }]) => [
    [code, message] as const,
    [`${code} (hint)`, hint] as const,
  ]),
];

afterEach(() => {
  useLanguage('en');
});

describe('the catalogue', () => {
  test('every message is one of ICU, and says something', () => {
    for (const [id, message] of all) {
      expect(() => new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }), id).not.toThrow();
      expect(message.trim(), id).not.toBe('');
    }
  });

  test('an id is given once: of two, one would be lost without a word', () => {
    const folder = path.join(root, 'messages/en');
    const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.endsWith('errors.ts'));
    const ids = files.flatMap(
      (file) => readFileSync(path.join(folder, file), 'utf8').match(/^ {2}'[\w.-]+'(?=:)/gm) ?? [],
    );
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(ids.length).toBe(Object.keys(texts).length);
  });

  test('no message has two blanks, or one at an end', () => {
    for (const [id, message] of all) expect(message, id).not.toMatch(/^\s|\s$| {2}/);
  });
});

test('what is said without being parsed is what ICU makes of it, quotes among it', () => {
  for (const [id, message] of Object.entries(texts)) {
    const places = [...message.matchAll(/\{(\w+)/g)].map(([, place = '']) => place);
    for (const value of [1234.5, "a {b} <c> $& it's", '']) {
      const values = Object.fromEntries(places.map((place) => [place, value]));
      if (/\{\w+,/.test(message) && typeof value === 'string') continue; // a choice by a number
      expect(saySentence({ id, values }), id).toBe(
        String(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).format(values)),
      );
    }
  }
  expect(say('cli.usage.unknown-command', { word: 'frob' })).toBe("error: unknown command 'frob'");
  expect(say('cli.program.option-version')).toBe("print this program's version");
});

describe('a sentence that travels', () => {
  test('its English words stand in the parameters, and it is said again where it is shown', () => {
    const told = toErrorData(new HelperError('mount.failed', { reason: sentence('mount.sshfs-ended') }));
    expect(told.params).toEqual({ reason: 'sshfs ended in the guest' });
    useLanguage('en-XA');
    expect(describeError(told).message).toContain('⟦ššĥƒš éñďéď íñ ťĥé ğúéšť⟧');
  });

  test('one that only a later version has keeps its English words', () => {
    const told = toErrorData(new HelperError('mount.failed', { reason: 'the moon is full' }));
    const later = { ...told, sentences: { reason: { id: 'mount.full-moon' } } };
    expect(saySentence({ id: 'mount.full-moon' })).toBeUndefined();
    expect(describeError(later).message).toContain('the moon is full');
  });
});

describe('what a sentence from elsewhere may hold', () => {
  const told = toErrorData(new HelperError('mount.failed', { reason: 'the moon is full' }));
  const shown = describeError(told).message;

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is no id', (id) => {
    expect(saySentence({ id })).toBeUndefined();
    expect(saySentence({ id: 'saved.memory-length', values: { bytes: 1, expected: { id } } })).toBeUndefined();
    expect(describeError({ ...told, sentences: { reason: { id } } }).message).toBe(shown);
  });

  test('a sentence within one that only a later version has leaves no hole: the English words are shown', () => {
    const sentences = {
      reason: { id: 'saved.memory-length', values: { bytes: 3, expected: { id: 'mount.full-moon' } } },
    };
    expect(describeError({ ...told, sentences }).message).toBe(shown);
  });

  test.each([
    ['nested twice', { id: 'a', values: { b: { id: 'c', values: { d: { id: 'e' } } } } }],
    ['of a long id', { id: 'x'.repeat(101) }],
    ['with a value that is no text', { id: 'a', values: { b: true } }],
    ['a list', []],
  ])('one %s does not hide the error', (_, reason) => {
    const parsed = helperErrorData.parse({ ...told, sentences: { reason } });
    expect(describeError(parsed).message).toBe(shown);
  });

  test('what has the name of a place and is not given stays empty', () => {
    expect(saySentence({ id: 'saved.memory-length', values: { bytes: 3 } })).toBe('its file has 3 bytes instead of ');
  });
});

describe('the pseudo-locale', () => {
  test('letters have accents, the message has brackets, and English stays at hand', () => {
    useLanguage('en-XA');
    expect(say('mount.sshfs-ended')).toBe('⟦ššĥƒš éñďéď íñ ťĥé ğúéšť⟧');
    expect(inEnglish(sentence('mount.sshfs-ended'))).toBe('sshfs ended in the guest');
  });
});
