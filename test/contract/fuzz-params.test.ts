// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { methods } from '#contract/methods.ts';
import { protocolVersion, type MethodName } from '#contract/protocol.ts';
import { invalidParams } from '../../native-helper/rpc/invalid-params.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const examples = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'golden', `v${protocolVersion}`, 'methods.json'), 'utf8'),
) as Record<MethodName, { params: Json[] }>;

const nasty = fc.constantFrom<Json>(
  null,
  '',
  0,
  -1,
  1e308,
  -0,
  0.1,
  2 ** 53,
  '\0',
  '../..',
  '/',
  'a'.repeat(100_000),
  '__proto__',
  { __proto__: null, constructor: {} },
  JSON.parse('{"__proto__":{"isAdmin":true}}') as Json,
  [[]],
  {},
);
const anyJson = fc.oneof(nasty, fc.jsonValue() as fc.Arbitrary<Json>);

/** A valid example with one of its parts, found by walking, in another's place; or with a part more. */
function mutated(example: Json): fc.Arbitrary<Json> {
  return fc
    .tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), anyJson, fc.string(), fc.boolean())
    .map(([steps, value, key, isAdded]) =>
      isAdded && isObject(example) && !Array.isArray(example)
        ? { ...example, [key]: value }
        : replaced(example, steps, value),
    );
}

function replaced(at: Json, [step, ...steps]: readonly number[], value: Json): Json {
  if (step === undefined || !isObject(at)) return value;
  const copy = structuredClone(at) as Record<string, Json>;
  const keys = Object.keys(copy);
  const chosen = keys[step % Math.max(keys.length, 1)];
  if (chosen === undefined) return value;
  copy[chosen] = replaced(copy[chosen] ?? null, steps, value);
  return copy as Json;
}

function isObject(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}

describe.each(Object.keys(methods) as MethodName[])('%s', (name) => {
  const { params: schema } = methods[name];
  const input = fc.oneof(anyJson, ...examples[name].params.map(mutated));

  test('any JSON either parses to what parses again, or is request.invalid with the field named', () => {
    fc.assert(
      fc.property(input, (value) => {
        const parsed = schema.safeParse(value);
        if (parsed.success) {
          const text = JSON.stringify(parsed.data);
          expect(JSON.stringify(schema.parse(JSON.parse(text)))).toBe(text);
        } else {
          const error = invalidParams(parsed.error);
          expect(error.code).toBe('request.invalid');
          expect(error.params['reason']).toMatch(/.: ./s);
          expect(String(error.params['reason']).length).toBeLessThanOrEqual(500);
        }
        expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
