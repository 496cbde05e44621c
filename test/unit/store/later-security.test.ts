// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { documentText, parseDocument } from '../../../native-helper/store/document.ts';
import { instanceDocument, type InstanceRecord } from '../../../native-helper/store/instance-record.ts';

type Security = NonNullable<InstanceRecord['security']>;

const golden = path.join(import.meta.dirname, 'golden/instance.11-ffb8483.json');
const grant = { path: '/srv/a', mode: 'rw', kind: 'file', grantedBy: 0, grantedAt: '2026-03-02T00:00:00.000Z' };
const opened = {
  isAllowedWithoutAppArmor: false,
  mode: 'complain',
  grants: [
    { ...grant, later: 'grant' },
    { ...grant, path: '/srv/b', later: 'grant' },
  ],
  qemu: { args: ['-no-hpet'], env: {}, wrapper: '/usr/bin/later' },
  usesHugepages: false,
  usesVhostNet: false,
  vfioGroups: [],
  blockDevices: [{ path: '/dev/sdb', isReadOnly: false, mode: 'rw-shared' }],
  laterOpen: true,
};

/** The settings as they stand in the file after each of the changes was written. */
function after(...changes: readonly ((security: Security) => Partial<Security>)[]): Record<string, unknown> {
  const base = JSON.parse(readFileSync(golden, 'utf8')) as object;
  let record = parseDocument(instanceDocument, JSON.stringify({ ...base, security: opened }), 'instance.json');
  for (const change of changes) {
    const security = record.security as Security;
    record = documentText(instanceDocument, { ...record, security: { ...security, ...change(security) } }).content;
  }
  const { text } = documentText(instanceDocument, record);
  return (JSON.parse(text) as { readonly security: Record<string, unknown> }).security;
}

it('stays whole with a change that opens more, and with none', () => {
  expect(after(() => ({ usesHugepages: true }))).toEqual({ ...opened, usesHugepages: true });
  expect(after(() => ({}))).toEqual(opened);
});

it.each<[string, (security: Security) => Partial<Security>]>([
  ['the mode', () => ({ mode: 'enforce' })],
  ['a grant', ({ grants }) => ({ grants: grants.slice(1) })],
  ['a grant for writing', ({ grants }) => ({ grants: [{ ...grants[0]!, mode: 'r' }, grants[1]!] })],
  ['arguments', () => ({ qemu: { args: [], env: {} } })],
  ['a disk', () => ({ blockDevices: [] })],
  ['a disk for writing', () => ({ blockDevices: [{ path: '/dev/sdb', isReadOnly: true }] })],
])('what may have opened more goes with whoever closes %s, also where it is opened again', (_, close) => {
  const closed = after(close);
  expect(closed).not.toHaveProperty('laterOpen');
  expect(closed['qemu']).not.toHaveProperty('wrapper');
  const again = after(close, () => ({ mode: 'complain', qemu: { args: ['-no-hpet'], env: {} } }));
  expect(again).not.toHaveProperty('laterOpen');
  expect(again['qemu']).not.toHaveProperty('wrapper');
});

it('what belongs to a grant or a disk goes with any change of it, and stays with the others', () => {
  const { grants, blockDevices } = after(
    ({ grants: [first, second] }) => ({ grants: [{ ...first!, mode: 'r' }, second!] }),
    () => ({ blockDevices: [{ path: '/dev/sdb', isReadOnly: true }] }),
  );
  expect(grants).toEqual([{ ...grant, mode: 'r' }, opened.grants[1]]);
  expect(blockDevices).toEqual([{ path: '/dev/sdb', isReadOnly: true }]);
});
