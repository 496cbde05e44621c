// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { userDataKind } from '#contract/user-data.ts';
import { checkDocument, type DocumentReport } from '../../../native-helper/cloudinit/check/check-document.ts';
import { cloudInitPackage } from '../../../scripts/lib/cloud-init-package.ts';
import { allDocuments } from './documents.ts';

const program = path.join(import.meta.dirname, 'schema-errors.py');
const schema = 'usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json';

test("the schema is the one of Debian's package", async () => {
  const ours = path.join(import.meta.dirname, '../../../native-helper/cloudinit/check/schema/cloud-config-v1.json');
  expect(await readFile(ours, 'utf8')).toBe(await readFile(path.join(cloudInitPackage, schema), 'utf8'));
});

test("the keys that are warned of are those that cloud-init's own validator complains of", async () => {
  const reports = new Map<string, DocumentReport>();
  const documents = [...(await allDocuments())].filter(([name, bytes]) => {
    if (userDataKind(bytes) !== 'cloud-config') return false;
    try {
      reports.set(name, checkDocument(bytes));
      return true;
    } catch {
      return false; // what is refused is not warned of
    }
  });
  expect(documents.length).toBeGreaterThan(60);
  const child = spawn('/usr/bin/python3', [program, cloudInitPackage], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(documents.map(([, bytes]) => bytes.toString('base64'))));
  const theirs = JSON.parse(await text(child.stdout)) as string[][];
  const warned = (name: string): readonly string[] =>
    [
      ...new Set(
        (reports.get(name)?.warnings ?? [])
          .filter((warning) => warning.endsWith('schema.'))
          .map((warning) => /^Line \d+: ([^. ]+)/.exec(warning)?.[1] ?? warning),
      ),
    ].sort();
  expect(Object.fromEntries(documents.map(([name]) => [name, warned(name)]))).toEqual(
    Object.fromEntries(documents.map(([name], index) => [name, theirs[index]])),
  );
});
