// SPDX-License-Identifier: MIT
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asFarAsKnown, documentText, parseDocument, type DocumentKind } from '../../../native-helper/store/document.ts';
import { unknownPaths } from '../../../native-helper/store/unknown-keys.ts';
import { documents } from './documents.ts';

/**
 * `<kind>.<shape>-<commit>.json`: a record with all that the helper of that commit could put into it, in every shape
 * that ever landed. Each went through that commit's own schema. A new shape gets a new file; none is ever changed.
 */
const golden = path.join(import.meta.dirname, 'golden');
const files = readdirSync(golden);

it('has records of every kind', () => {
  expect([...new Set(files.map((file) => file.split('.')[0]))].sort()).toEqual(Object.keys(documents).sort());
});

/** All that is in a file; one of an earlier schema in the form that the steps give it (instance-steps.test.ts). */
function inThisForm(kind: DocumentKind<object>, content: object, text: string): object {
  const raw = JSON.parse(text) as Record<string, unknown>;
  if (kind.steps.length === 0) return raw;
  return { ...asFarAsKnown(kind, raw), schema: kind.leastSchema?.(content) ?? kind.steps.length + 1 };
}

describe.each(files)('%s', (file) => {
  const text = readFileSync(path.join(golden, file), 'utf8');
  const kind = documents[file.split('.')[0] ?? ''];

  it('is read, nothing of it is foreign, and it is written again with all that is in it', () => {
    if (!kind) throw new Error(`nothing reads ${file}`);
    const content = parseDocument(kind, text, file);
    expect(unknownPaths(content)).toEqual([]);
    expect(JSON.parse(documentText(kind, content).text)).toMatchObject(inThisForm(kind, content, text));
  });
});
