// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { describeError, exitCodeOf, helperErrorData } from '#contract/errors.ts';
import { errorMessages } from '#messages/en/index.ts';
import { helperEvent } from '#contract/events.ts';
import { methods } from '#contract/methods.ts';
import { laterValue } from '#contract/open-enum.ts';
import { titleOf } from '#contract/system.ts';

/**
 * What a helper tells may have values that only a later version knows. Here every enum of every
 * answer and event gets one, wherever it is in the examples.
 */
const folder = path.join(import.meta.dirname, 'golden', 'v1');
const read = <Content>(name: string): Content => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Content;
const examples = read<Record<string, { results: unknown[] }>>('methods.json');
const events = read<unknown[]>('events.json');

const later = 'later-value';

type Schema = z.core.$ZodType;
interface Found {
  readonly open: Set<string>;
  readonly closed: Set<string>;
}

/** The enums below a schema, by where they are. */
function enumsOf(schema: Schema, at: string, found: Found): void {
  if (schema instanceof z.ZodUnion && schema.options.includes(laterValue)) found.open.add(at);
  else if (schema instanceof z.ZodEnum) found.closed.add(at);
  else for (const [key, inner] of innerOf(schema)) enumsOf(inner, `${at}${key}`, found);
}

function innerOf(schema: Schema): readonly (readonly [string, Schema])[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).map(([key, inner]) => [`.${key}`, inner as Schema]);
  if (schema instanceof z.ZodArray) return [['[]', schema.element]];
  if (schema instanceof z.ZodRecord) return [['{}', schema.valueType]];
  if (schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodUnion) {
    return schema.options.map((option, index) => [`|${index}`, option]);
  }
  if (schema instanceof z.ZodPipe) return [['', schema.out]];
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return [['', schema.unwrap()]];
  }
  return [];
}

/** Copies of an example, one for each place that an open enum has in it, with a later value there. */
function* withLaterValues(schema: Schema, example: unknown): Generator<unknown> {
  if (example === undefined) return;
  if (schema instanceof z.ZodUnion && schema.options.includes(laterValue)) yield later;
  else if (schema instanceof z.ZodObject) yield* inFields(schema, example as Record<string, unknown>);
  else if (schema instanceof z.ZodArray) yield* inEntries(schema, example as readonly unknown[]);
  else
    for (const [, inner] of innerOf(schema)) {
      if (z.safeParse(inner, example).success) yield* withLaterValues(inner, example);
    }
}

function* inFields(schema: z.ZodObject, example: Readonly<Record<string, unknown>>): Generator<unknown> {
  for (const [key, inner] of Object.entries(schema.shape)) {
    for (const changed of withLaterValues(inner, example[key])) yield { ...example, [key]: changed };
  }
}

function* inEntries(schema: z.ZodArray, example: readonly unknown[]): Generator<unknown> {
  for (const [index, value] of example.entries()) {
    for (const changed of withLaterValues(schema.element, value)) yield example.with(index, changed);
  }
}

/** What an older client can do without: settings that it wrote itself, and how it asked. */
const asked = ['images.settings'];

describe.each(Object.entries(methods))('%s', (name, { result }) => {
  test('no answer is of a closed enum', () => {
    const found: Found = { open: new Set(), closed: new Set() };
    enumsOf(result, name, found);
    expect(asked.includes(name) ? [] : [...found.closed]).toEqual([]);
  });

  test('a later value in an answer is carried as it is', () => {
    for (const example of examples[name]?.results ?? []) {
      for (const changed of withLaterValues(result, example)) expect(z.parse(result, changed)).toEqual(changed);
    }
  });
});

test('a later value in an event is carried as it is', () => {
  const changed = events.flatMap((event) => [...withLaterValues(helperEvent, event)]);
  expect(changed.length).toBeGreaterThan(20);
  for (const event of changed) expect(helperEvent.parse(event)).toEqual(event);
  const found: Found = { open: new Set(), closed: new Set() };
  enumsOf(helperEvent, '', found);
  expect([...found.closed]).toEqual([]);
});

test('an error with a later code says what the helper says, and else its code', () => {
  const words = { message: 'The instance is frozen.', hint: 'Thaw it first.', exitCode: 5 };
  const error = helperErrorData.parse({ code: 'instance.frozen', params: {}, words });
  expect(describeError(error)).toMatchObject({ message: words.message, hint: words.hint });
  expect(exitCodeOf(error)).toBe(5);
  const bare = helperErrorData.parse({ code: 'instance.frozen', params: {} });
  expect(describeError(bare).message).toContain('instance.frozen');
  expect(exitCodeOf(bare)).toBe(1);
});

test("an error of this version is told in this program's own words", () => {
  for (const code of Object.keys(errorMessages)) {
    const error = helperErrorData.parse({ code, params: {}, words: { message: 'x', hint: 'y', exitCode: 99 } });
    expect(describeError(error).message).not.toBe('x');
    expect(exitCodeOf(error)).not.toBe(99);
  }
});

test('a later check has the title that came with it', () => {
  expect(titleOf({ id: laterValue.parse('weather'), title: 'The weather' })).toBe('The weather');
  expect(titleOf({ id: laterValue.parse('the-weather') })).toBe('the weather');
});
