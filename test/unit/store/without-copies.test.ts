// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { instanceName } from '../../../contract/names.ts';
import { ownRemains } from '../../../native-helper/instances/instance/own-remains.ts';
import { parseDocument } from '../../../native-helper/store/document.ts';
import { instanceDocument, type InstanceRecord } from '../../../native-helper/store/instance-record.ts';
import type { StoredInstance } from '../../../native-helper/store/stored-instance.ts';
import { withoutCopies } from '../../../native-helper/store/without-copies.ts';

const text = readFileSync(path.join(import.meta.dirname, 'golden/instance.11-ffb8483.json'), 'utf8');
const record = parseDocument(instanceDocument, text, 'instance.json');

/** One of the name, whose machine was started in the directory of `home`. */
function stored(name: string, home?: string): { readonly ok: true; readonly record: InstanceRecord } {
  const machine = record.machine!;
  const disks = machine.spec.disks.map((disk) => ({ ...disk, path: `/state/instances/${home}/disk.qcow2` }));
  const spec = { ...machine.spec, disks };
  const started = { ...record, name: instanceName.parse(name), machine: { ...machine, spec } };
  return { ok: true, record: home === undefined ? { ...started, machine: undefined } : started };
}

function told(...found: readonly StoredInstance[]): unknown[] {
  return withoutCopies(found, ({ name }) => `/state/instances/${name}`).map((each) =>
    each.ok ? each.record.name : [each.name, each.fault.code, each.fault.message],
  );
}

describe('of two directories with one id', () => {
  const copied = ['copy', 'record.copied', 'The directory of copy is a copy of that of one.'];

  it('the original is where a machine was started, by either record', () => {
    expect(told(stored('copy', 'one'), stored('one', 'one'))).toEqual([copied, 'one']);
    expect(told(stored('copy', 'one'), stored('one'))).toEqual([copied, 'one']);
    expect(told(stored('copy'), stored('one', 'one'))).toEqual([copied, 'one']);
  });

  it('neither is served where nothing tells, or each was', () => {
    const neither = [
      ['copy', 'record.one-of-copies', expect.stringContaining('copy is the same instance as one:')],
      ['one', 'record.one-of-copies', expect.anything()],
    ];
    expect(told(stored('copy'), stored('one'))).toEqual(neither);
    expect(told(stored('copy', 'copy'), stored('one', 'one'))).toEqual(neither);
    expect(told(stored('copy', 'elsewhere'), stored('one'))).toEqual(neither);
  });

  it('nothing is given back with the first of them that is purged', () => {
    const broken = withoutCopies([stored('copy'), stored('one')], ({ name }) => name).filter((each) => !each.ok);
    const left = new Map(broken.map((each) => [each.name, each]));
    const registry = { all: () => [], broken: () => left, isTaken: (name: typeof record.name) => left.has(name) };
    const [first, last] = broken;
    expect(ownRemains(registry, first!.remains)).not.toHaveProperty('runAs');
    left.delete(first!.name);
    expect(ownRemains(registry, last!.remains)).toMatchObject({ runAs: record.runAs, mac: record.mac });
  });
});

it('one alone is nobody’s copy, wherever its machine was started', () => {
  expect(told(stored('one', 'elsewhere'))).toEqual(['one']);
});
