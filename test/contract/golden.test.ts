// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodeOf, type ErrorCode } from '#contract/errors.ts';
import { errorMessages } from '#messages/en/index.ts';
import { eventBody, helperEvent } from '#contract/events.ts';
import { methods } from '#contract/methods.ts';
import { protocolVersion, type MethodName } from '#contract/protocol.ts';

/**
 * What was sent once must be understood for as long as the protocol version is the same. A file
 * here is added to, never changed; a new version gets a folder of its own.
 */
const folder = path.join(import.meta.dirname, 'golden', `v${protocolVersion}`);
const read = <Content>(name: string): Content => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Content;

const examples = read<Record<string, { params: object[]; results: unknown[] }>>('methods.json');
const events = read<{ body: { topic: string } }[]>('events.json');
const codes = read<Record<string, number>>('error-codes.json');

test('each method has examples, and no method with examples is gone', () => {
  expect(Object.keys(examples).sort()).toEqual(Object.keys(methods).sort());
});

describe.each(Object.entries(examples))('%s', (name, { params, results }) => {
  const method = methods[name as MethodName];

  test('params are taken whole', () => {
    for (const example of params) expect(method.params.parse(example)).toMatchObject(example);
  });

  test('results keep every field', () => {
    for (const example of results) expect(method.result.parse(example)).toEqual(example);
  });

  test('a client of this version passes over what a newer helper adds', () => {
    for (const example of results) {
      if (Array.isArray(example) || method.params === method.result) continue;
      const parsed = method.result.safeParse({ ...(example as object), addedLater: { a: 1 } });
      // Methods that answer nothing answer nothing later either.
      expect(parsed.success || JSON.stringify(example) === '{}').toBe(true);
    }
  });
});

test('each kind of event has an example that keeps every field', () => {
  for (const event of events) expect(helperEvent.parse(event)).toEqual(event);
  const topics = eventBody.options.map((option) => option.shape.topic.value).sort();
  expect([...new Set(events.map((event) => event.body.topic))].sort()).toEqual(topics);
});

test('an error code once given stays, with its exit code', () => {
  for (const [code, exitCode] of Object.entries(codes))
    expect([code, exitCodeOf({ code: code as ErrorCode })]).toEqual([code, exitCode]);
  expect(
    Object.keys(errorMessages).filter((code) => !(code in codes)),
    'add new codes to error-codes.json',
  ).toEqual([]);
});
