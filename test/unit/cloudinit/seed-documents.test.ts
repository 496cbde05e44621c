// SPDX-License-Identifier: MIT
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkDocument } from '../../../native-helper/cloudinit/check/check-document.ts';
import type { GuestIdentity } from '../../../native-helper/cloudinit/guest-identity.ts';
import { seedDocuments, type SeedDocuments } from '../../../native-helper/cloudinit/seed-documents.ts';

const identity: GuestIdentity = {
  hostName: 'otter',
  user: 'berth',
  authorizedKey: 'ssh-ed25519 AAAA ours',
  hostKey: { privateKey: 'PRIVATE\nKEY\n', publicKey: 'ssh-ed25519 HOST' },
  timeZone: 'Europe/Paris',
};
const mime =
  'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/cloud-config\n\n#cloud-config\na: 1\n--b--\n';

function seedOf(text: string | Buffer): SeedDocuments {
  const bytes = Buffer.from(text);
  return seedDocuments(identity, 'i-1', { bytes, report: checkDocument(bytes) });
}

test('without a document, the key is meta-data, and ours goes beside nothing', () => {
  const { metaData, userData, vendorData } = seedDocuments(identity, 'i-1', undefined);
  expect(parse(metaData)).toEqual({
    'instance-id': 'i-1',
    'local-hostname': 'otter',
    'public-keys': ['ssh-ed25519 AAAA ours'],
    'berth-user': 'berth',
  });
  expect(parse(Buffer.from(userData).toString())).toEqual({});
  const [, config, hook] = Buffer.from(vendorData)
    .toString()
    .split(/^--=_berth.*$/m);
  expect(parse(config?.split('\n\n')[1] ?? '')).toEqual({
    manage_etc_hosts: true,
    ssh_pwauth: false,
    timezone: 'Europe/Paris',
    ssh_keys: { ed25519_private: 'PRIVATE\nKEY\n', ed25519_public: 'ssh-ed25519 HOST' },
  });
  expect(hook).toContain('Content-Type: text/cloud-boothook');
});

test.each([
  ['octal numbers', '#cloud-config\n# mine\nwrite_files: [{path: /x, permissions: 0755}]\n'],
  ['users of all kinds', '#cloud-config\nusers: { ada: { shell: /bin/sh } }\n'],
  ['a header in capitals after an empty line', '\n#Cloud-Config\na: 1\n'],
  ['CRLF', '#cloud-config\r\na: 1\r\n'],
  ['MIME', mime],
  ['jinja', '## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n'],
  ['a script in Latin-1', Buffer.from('#!/bin/sh\necho \u00e9\n', 'latin1')],
  ['an include', '#include\nhttps://example.org/user-data\n'],
  ['gzip', gzipSync('#cloud-config\na: 1\n')],
  ['packed MIME', gzipSync(mime)],
  ['a part handler', '#part-handler\ndef list_types(): return []\n'],
])('%s: byte for byte what was given', (_, document) => {
  expect(Buffer.from(seedOf(document).userData)).toEqual(Buffer.from(document));
});

describe('a document that keeps vendor data out', () => {
  test.each([
    ['says so', '#cloud-config\nvendor_data: {enabled: false}\n'],
    ['leaves handlers out', '#cloud-config\nvendor_data: {disabled_handlers: [text/cloud-boothook]}\n'],
    ['has something else there', '#cloud-config\nvendor_data: no\n'],
    ['may do so', '## template: jinja\n#cloud-config\nvendor_data: {enabled: {{ v1.region }}}\n'],
    ['does so in a part', `${mime.replace('a: 1', 'vendor_data: {enabled: false}')}`],
    ['does so in gzip', gzipSync('#cloud-config\nvendor_data: {enabled: false}\n')],
  ])('%s: has what holds the way in open behind it', (_, document) => {
    const text = Buffer.from(seedOf(document).userData).toString();
    expect(text).toMatch(/^MIME-Version: 1.0\n/);
    const [, own = '', hook = ''] = text.split(/^--=_berth.*\n/m);
    expect(hook).toContain('berth-way-in');
    const [head, body] = [own.slice(0, own.indexOf('\n\n')), own.slice(own.indexOf('\n\n') + 2)];
    expect(head.includes('base64') ? Buffer.from(body, 'base64') : Buffer.from(own.slice(0, -1))).toEqual(
      Buffer.from(document),
    );
  });

  test.each(['#cloud-config\nvendor_data: {enabled: true}\n', '#cloud-config\nvendor_data: {prefix: /bin/sh}\n'])(
    '%j does not',
    (document) => {
      expect(Buffer.from(seedOf(document).userData).toString()).toBe(document);
    },
  );
});
