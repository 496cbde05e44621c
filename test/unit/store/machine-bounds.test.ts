// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseDocument } from '../../../native-helper/store/document.ts';
import { instanceDocument } from '../../../native-helper/store/instance-record.ts';

const golden = readFileSync(path.join(import.meta.dirname, 'golden/instance.12-b57122b.json'), 'utf8');
const most = 256;

/** The specification of a record that landed, with its list `name` filled up to `count`. */
function read(name: 'disks' | 'nics', count: number): readonly object[] | undefined {
  const record = JSON.parse(golden) as { machine: { spec: Record<string, object[]> } };
  const { spec } = record.machine;
  const [first, ...others] = spec[name] ?? [];
  spec[name] = Array.from({ length: count }, (_, index) => others[index - 1] ?? first ?? {});
  return parseDocument(instanceDocument, JSON.stringify(record), 'f').machine?.spec[name];
}

it.each(['disks', 'nics'] as const)('a machine has %s, and not without end', (name) => {
  for (const count of [1, 2, most]) expect(read(name, count)).toHaveLength(count);
  for (const count of [0, most + 1, 100_000])
    expect(() => read(name, count), String(count)).toThrow(
      expect.objectContaining({ code: 'record.damaged', params: { path: 'f', field: `machine.spec.${name}` } }),
    );
});
