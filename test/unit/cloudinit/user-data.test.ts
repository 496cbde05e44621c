// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { seedDocuments, type GuestIdentity } from '../../../native-helper/cloudinit/user-data.ts';

const identity: GuestIdentity = {
  hostName: 'otter', user: 'berth', authorizedKey: 'ssh-ed25519 AAAA ours',
  hostKey: { privateKey: 'PRIVATE\nKEY\n', publicKey: 'ssh-ed25519 HOST' }, timeZone: 'Europe/Paris',
};
const config = (userData: string): Record<string, unknown> => parse(userData) as Record<string, unknown>;

describe('without a document of the user\'s', () => {
  test.each([undefined, '', '  \n'])('%j: ours alone', (document) => {
    const { userData, vendorData } = seedDocuments(identity, document);
    expect(userData.startsWith('#cloud-config\n')).toBe(true);
    expect(config(userData)).toMatchObject({
      hostname: 'otter', timezone: 'Europe/Paris', users: [{ name: 'berth', ssh_authorized_keys: ['ssh-ed25519 AAAA ours'] }],
      ssh_keys: { ed25519_private: 'PRIVATE\nKEY\n', ed25519_public: 'ssh-ed25519 HOST' },
    });
    expect(config(vendorData)).toEqual({});
  });
});

describe('a cloud-config of the user\'s', () => {
  test('keeps comments and every key it has', () => {
    const { userData } = seedDocuments(identity, '#cloud-config\n# mine\nhostname: other\npackages: [git]\n');
    expect(userData).toContain('# mine');
    expect(config(userData)).toMatchObject({ hostname: 'other', packages: ['git'] });
  });

  test('gets the default user beside its own ones', () => {
    const { userData } = seedDocuments(identity, '#cloud-config\nusers:\n  - default\n  - name: ada\n');
    expect((config(userData).users as unknown[]).map((user) => (typeof user === 'string' ? user : (user as { name: string }).name))).toEqual(['default', 'ada', 'berth']);
  });

  test.each([['bootcmd: [first]', ['first']], ['packages: [git]', []]])('%s: a guest without bash makes the default user by itself, after that', (document, before) => {
    const { bootcmd } = config(seedDocuments(identity, `#cloud-config\n${document}\n`).userData) as { bootcmd: string[] };
    expect(bootcmd.slice(0, -1)).toEqual(before);
    expect(bootcmd.at(-1)).toMatch(/^\[ -x \/bin\/bash \] \|\| .*useradd -m -s \/bin\/sh berth/);
  });

  test('that says which shell the default user has is left to it', () => {
    expect(config(seedDocuments(identity, '#cloud-config\nusers:\n  - name: berth\n    shell: /bin/ash\n').userData)).not.toHaveProperty('bootcmd');
  });

  test('that describes the default user gets our key beside its own', () => {
    const { userData } = seedDocuments(identity, '#cloud-config\nusers:\n  - name: berth\n    shell: /bin/zsh\n    ssh_authorized_keys: [theirs]\n');
    expect(config(userData).users).toEqual([{ name: 'berth', shell: '/bin/zsh', ssh_authorized_keys: ['theirs', 'ssh-ed25519 AAAA ours'], sudo: 'ALL=(ALL) NOPASSWD:ALL' }]);
  });

  test('cannot replace the pinned host key', () => {
    const { userData } = seedDocuments(identity, '#cloud-config\nssh_keys: { ed25519_private: evil, rsa_private: kept }\n');
    expect(config(userData).ssh_keys).toEqual({ rsa_private: 'kept', ed25519_private: 'PRIVATE\nKEY\n', ed25519_public: 'ssh-ed25519 HOST' });
  });

  test.each(['#cloud-config\n- a list\n', '#cloud-config\na: [unclosed\n', '#cloud-config\nusers: all\n', '#cloud-config\njust words\n'])('%j is refused', (document) => {
    expect(() => seedDocuments(identity, document)).toThrow(expect.objectContaining({ code: 'cloudinit.invalid' }));
  });
});

describe('any other kind', () => {
  test.each([
    'Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/cloud-config\n\n#cloud-config\na: 1\n--b--\n',
    '## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n',
    '#!/bin/sh\necho hi\n',
    '#include\nhttps://example.org/user-data\n',
  ])('%j is passed on byte for byte, ours beside it', (document) => {
    const { userData, vendorData } = seedDocuments(identity, document);
    expect(userData).toBe(document);
    expect(config(vendorData)).toMatchObject({ hostname: 'otter', users: [{ name: 'berth' }] });
  });
});
