// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { documentText, parseDocument } from '../../../native-helper/store/document.ts';
import type { InstanceRecord } from '../../../native-helper/store/instance-record.ts';
import { instanceDocument } from '../../../native-helper/store/instance-record.ts';
import { unknownPaths } from '../../../native-helper/store/unknown-keys.ts';
import { documents } from './documents.ts';

type Json = Readonly<Record<string, unknown>>;

const golden = path.join(import.meta.dirname, 'golden');

const byNumber = new Intl.Collator('en', { numeric: true }).compare;

/** The newest record of a kind. */
function newest(kind: string): string {
  const files = readdirSync(golden).filter((file) => file.startsWith(`${kind}.`));
  return readFileSync(path.join(golden, files.toSorted(byNumber).at(-1) ?? ''), 'utf8');
}

/** The same with a key of a later version in every object, at every depth; tables whose keys are data are left out. */
function withMore(value: unknown, isTable: (place: string) => boolean, place = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => withMore(each, isTable, place));
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.entries(value).map(([key, each]): [string, unknown] => [
    key,
    withMore(each, isTable, place === '' ? key : `${place}.${key}`),
  ]);
  return Object.fromEntries(isTable(place) ? own : [...own, ['addedLater', { by: place, list: [1] }]]);
}

const tables = /(^|\.)(params|sentences|values|env|details|mirrors|users|digests|data|notes)$/;

describe.each(Object.entries(documents))('%s of a later version', (name, kind) => {
  const later = withMore(JSON.parse(newest(name)), (place) => tables.test(place));

  it('is used, says what is not known, and keeps all of it', () => {
    const content = parseDocument(kind, JSON.stringify(later), `${name}.json`);
    expect(unknownPaths(content)).toContain('addedLater');
    expect(JSON.parse(documentText(kind, content).text)).toEqual(later);
    expect(JSON.parse(documentText(kind, { ...content }).text)).toEqual(later);
  });

  it('tells the objects of each list apart', () => {
    const lists = listsOf(z.toJSONSchema(kind.schema, { io: 'input', unrepresentable: 'any' }) as Json);
    expect(lists.filter((list) => !(list in kind.identities))).toEqual([]);
  });

  it('is refused in a sentence where it has another schema', () => {
    const text = JSON.stringify({ ...(JSON.parse(newest(name)) as object), schema: kind.steps.length + 2 });
    expect(() => parseDocument(kind, text, '/state/x.json')).toThrow(
      'The file /state/x.json was written by a newer version of Berth.',
    );
  });
});

describe('what changes beside it', () => {
  const later = withMore(JSON.parse(newest('instance')), (place) => tables.test(place)) as Json;
  const read = (): InstanceRecord => parseDocument(instanceDocument, JSON.stringify(later), 'instance.json');
  const written = (record: InstanceRecord): Json => JSON.parse(documentText(instanceDocument, record).text) as Json;

  it('stays with the element that it belongs to, wherever that goes', () => {
    const { boots } = read();
    const added = { number: 3, startedAt: '2026-03-02T00:00:00.000Z', phases: [] };
    const [first, second] = later['boots'] as Json[];
    expect(written({ ...read(), boots: [...boots.slice(1), added] })['boots']).toEqual([second, added]);
    expect(written({ ...read(), boots: boots.toReversed() })['boots']).toEqual([second, first]);
  });

  it('goes with what it belongs to, and does not come back to what takes its place', () => {
    const record = read();
    const stopped = documentText(instanceDocument, { ...record, machine: undefined }).content;
    expect(written({ ...stopped, machine: record.machine })['machine']).toEqual(
      (JSON.parse(newest('instance')) as Json)['machine'],
    );
    expect(written({ ...record, machine: record.machine && { ...record.machine, boot: 3 } })['machine']).toEqual({
      ...((JSON.parse(newest('instance')) as Json)['machine'] as Json),
      boot: 3,
    });
    const lastError = { code: 'operation.interrupted', params: {}, causes: [] };
    expect(written({ ...record, lastError })['lastError']).toEqual(lastError);
  });

  it('keeps words that it does not know, and keys of any name', () => {
    const text = JSON.stringify({ ...later, desired: 'suspended', 'x y': 1 }).replaceAll('"complain"', '"audit"');
    const kept = text.replace(/}$/, ',"__proto__":{"a":1}}');
    const content = parseDocument(instanceDocument, kept, 'instance.json');
    expect([content.desired, content.security?.mode]).toEqual(['suspended', 'audit']);
    const again = documentText(instanceDocument, { ...content, revision: 13 }).text;
    expect(JSON.parse(again)).toEqual(JSON.parse(kept.replace('"revision":12', '"revision":13')));
    expect(again).toContain('"__proto__"');
  });
});

/** The paths of the lists that hold objects. */
function listsOf(schema: Json, place = ''): string[] {
  const inner = [...((schema['anyOf'] ?? schema['oneOf'] ?? []) as Json[])].flatMap((each) => listsOf(each, place));
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Json>).flatMap(([key, each]) =>
    listsOf(each, place === '' ? key : `${place}.${key}`),
  );
  const values = schema['additionalProperties'];
  const table = typeof values === 'object' && values !== null ? listsOf(values as Json, `${place}.*`) : [];
  const items = schema['items'] as Json | undefined;
  const own = items?.['type'] === 'object' ? [place] : [];
  return [...new Set([...inner, ...properties, ...table, ...own, ...(items ? listsOf(items, place) : [])])];
}
