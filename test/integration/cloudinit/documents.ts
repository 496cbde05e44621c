// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { cloudInitPackage } from '../../../scripts/lib/cloud-init-package.ts';

const key = (comment: string): string =>
  `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB2tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ${comment}`;
const config = (body: string): string => `#cloud-config\n${body}\n`;

function mime(...parts: readonly (readonly [type: string, body: string | Buffer])[]): string {
  const encoded = parts.map(([type, body]) =>
    typeof body === 'string'
      ? `Content-Type: ${type}\n\n${body}`
      : `Content-Type: ${type}\nContent-Transfer-Encoding: base64\n\n${body.toString('base64')}`,
  );
  return `Content-Type: multipart/mixed; boundary="==B=="\nMIME-Version: 1.0\n\n--==B==\n${encoded.join('\n--==B==\n')}\n--==B==--\n`;
}

/** By name, what people write; "debian" is the image's own user, whom Berth uses. */
const written: Readonly<Record<string, string | Buffer>> = {
  'users: a list without default': config('users:\n  - name: ada\n    shell: /bin/sh'),
  'users: a list with default': config('users: [default, {name: ada, groups: [adm]}]'),
  'users: an empty list': config('users: []'),
  'users: null': config('users:'),
  'users: a string': config('users: "ada,bob"'),
  'users: a word that could be a value': config('users: all'),
  'users: a map': config('users: {ada: {shell: /bin/sh}, bob: true, carl: false}'),
  'users: a map with default': config('users: {default: true, ada: {gecos: Ada}}'),
  'users: a number, which cloud-init refuses': config('users: 7'),
  'users: a list in lists': config('users: [[ada, bob], default]'),
  'users: debian with groups and shell': config('users: [{name: debian, shell: /bin/sh, groups: [adm]}]'),
  'users: debian without sudo': config('users: [{name: debian, sudo: false}]'),
  'users: debian with another home': config('users: [{name: debian, homedir: /srv/home}]'),
  'users: debian without a home': config('users: [{name: debian, no_create_home: true}]'),
  'users: debian as a system user': config('users: [{name: debian, system: true}]'),
  'users: debian who may not log in': config('users: [{name: debian, shell: /usr/sbin/nologin}]'),
  'users: debian whose account has run out': config('users: [{name: debian, expiredate: "2012-09-01"}]'),
  'users: debian with a key': config(`users: [{name: debian, ssh_authorized_keys: ["${key('own')}"]}]`),
  'users: debian with a key as a string': config(`users: [{name: debian, ssh_authorized_keys: "${key('own')}"}]`),
  'users: debian with a key by a hyphen': config(`users: [{name: debian, ssh-authorized-keys: ["${key('own')}"]}]`),
  'users: debian who is sent on to another': config('users: [default, {name: ada, ssh_redirect_user: true}]'),
  'users: debian himself sent on': config('users: [{name: default}, {name: debian, ssh_redirect_user: true}]'),
  "users: a group of debian's name": config('groups: [debian]\nusers: [{name: ada}]'),
  'users: with passwords': config('users: [default, {name: ada, lock_passwd: false, plain_text_passwd: secret}]'),
  'user: another default by name': config('user: ada\npassword: secret\nchpasswd: {expire: false}'),
  'user: the default with other words': config('user: {name: debian, gecos: Mine, shell: /bin/sh}'),
  'system_info: another default': config('system_info: {default_user: {name: ada, shell: /bin/sh}}'),
  'groups alone': config('groups: [docker, {web: [root]}]'),
  'password that has to be changed': config('password: secret'),
  'password of others that have to be changed': config(
    'users: [default, ada]\nchpasswd: {list: ["ada:secret", "debian:other"]}',
  ),
  ssh_pwauth: config('ssh_pwauth: true\npassword: secret\nchpasswd: {expire: false}'),
  ssh_authorized_keys: config(`ssh_authorized_keys: ["${key('own')}"]`),
  'ssh_authorized_keys as a string': config(`ssh_authorized_keys: "${key('own')}"`),
  'ssh_authorized_keys of nothing': config('ssh_authorized_keys: [null]'),
  'allow_public_ssh_keys off': config('allow_public_ssh_keys: false'),
  'disable_root off': config('disable_root: false'),
  'disable_root with other words': config('disable_root: true\ndisable_root_opts: no-port-forwarding'),
  no_ssh_fingerprints: config('no_ssh_fingerprints: true'),
  'ssh_deletekeys off': config('ssh_deletekeys: false'),
  ssh_genkeytypes: config('ssh_genkeytypes: [rsa]'),
  'ssh_keys: another host key': config(
    'ssh_keys:\n  ed25519_private: |\n    another\n  ed25519_public: ssh-ed25519 AAAA another',
  ),
  'ssh_keys: of another kind': config('ssh_keys: {rsa_private: "mine\\n", rsa_public: ssh-rsa AAAA mine}'),
  'write_files over the host key': config(
    'write_files: [{path: /etc/ssh/ssh_host_ed25519_key, content: mine, permissions: "0600"}]',
  ),
  'modules taken away': config('cloud_init_modules: []\ncloud_config_modules: []'),
  'vendor_data off': config('vendor_data: {enabled: false}\nusers: [{name: ada}]'),
  'vendor_data as a word': config('vendor_data: false'),
  'vendor_data without boothooks': config(
    'vendor_data: {enabled: true, disabled_handlers: [text/cloud-boothook, text/cloud-config]}',
  ),
  'vendor_data off in MIME': mime(
    ['text/cloud-config', config('vendor_data: {enabled: false}')],
    ['text/x-shellscript', '#!/bin/sh\necho hi\n'],
  ),
  'vendor_data off in a packed part': mime(['text/cloud-config', Buffer.from(config('vendor_data: {enabled: false}'))]),
  'vendor_data off by jinja': '## template: jinja\n#cloud-config\nvendor_data: {enabled: {{ "false" }}}\n',
  'vendor_data off in gzip': gzipSync(config('vendor_data: {enabled: false}\nusers: [{name: ada}]')),
  'numbers as YAML 1.1 has them': config(
    'write_files:\n  - {path: /etc/a, permissions: 0755, content: "1"}\n  - {path: /etc/b, permissions: 0600, content: "2"}\n  - {path: /etc/c, permissions: 0o644, content: "3"}\nlong: 12345678901234567890\nodd: 1_000\nyes_no: [yes, no, on, off]\ntime: 12:30:45',
  ),
  'anchors and merges': config('base: &base {shell: /bin/sh}\nusers:\n  - default\n  - {<<: *base, name: ada}'),
  'a key twice': config('users: [{name: ada}]\nusers: [{name: bob}]'),
  'header in capitals after empty lines': '\n\n#CLOUD-CONFIG\nusers: [{name: ada}]\n',
  'header with a comment behind it': '#cloud-config # mine\nusers: [{name: ada}]\n',
  CRLF: '#cloud-config\r\nusers:\r\n  - name: ada\r\n',
  'nothing but a header': '#cloud-config\n',
  gzip: gzipSync(config('users: [{name: ada}]')),
  'gzip of MIME': gzipSync(mime(['text/cloud-config', config('users: [{name: ada}]')])),
  'gzip of a script': gzipSync('#!/bin/sh\necho hi\n'),
  'MIME with users and a script': mime(
    ['text/cloud-config; charset="us-ascii"', config('users: [{name: ada}]')],
    ['text/x-shellscript', '#!/bin/sh\necho hi\n'],
  ),
  'MIME that merges lists': mime(
    ['text/cloud-config', config('users: [{name: ada}]')],
    ['text/cloud-config', config('users: [{name: bob}]\nmerge_how: [{name: list, settings: [append]}]')],
  ),
  'MIME with gzip in it': mime(['application/x-gzip', gzipSync(config('users: [{name: ada}]'))]),
  'MIME with a boothook of its own': mime(
    ['text/cloud-boothook', '#!/bin/sh\necho hooked > /etc/hooked\n'],
    ['text/cloud-config', config('users: [{name: ada}]')],
  ),
  jinja: '## template: jinja\n#cloud-config\nusers: [{name: "{{ v1.local_hostname }}"}]\n',
  'jinja that fails': '## template: jinja\n#cloud-config\nusers: [{{ nothing.at.all }}]\n',
  'a script': '#!/bin/sh\necho hi\n',
  'a script in Latin-1': Buffer.from('#!/bin/sh\necho \u00e9\n', 'latin1'),
  'a boothook': '#cloud-boothook\n#!/bin/sh\necho hooked > /etc/hooked\n',
  'an include': '#include\nfile:///etc/hostname\n',
  'an archive':
    '#cloud-config-archive\n- type: text/cloud-config\n  content: |\n    users: [{name: ada}]\n- "#!/bin/sh\\necho hi\\n"\n',
  'a patch': '#cloud-config-jsonp\n[{"op": "add", "path": "/users", "value": [{"name": "ada"}]}]\n',
  'a part handler':
    '#part-handler\ndef list_types():\n    return ["text/x-mine"]\ndef handle_part(data, ctype, filename, payload):\n    pass\n',
  // what cloud-init does nothing with
  'no header': 'users: [{name: ada}]\n',
  'a byte order mark': '\uFEFF#cloud-config\nusers: [{name: ada}]\n',
  'a list': '#cloud-config\n- users\n',
  'not closed': '#cloud-config\nusers: [{name: ada}\n',
  'Latin-1': Buffer.from(config('users: [{name: ada, gecos: Ad\u00e9}]'), 'latin1'),
  'a control character': config('users: [{name: ada, gecos: "\u0007"}]'),
  'MIME without its version': 'Content-Type: text/cloud-config\n\n#cloud-config\nusers: [{name: ada}]\n',
  binary: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]),
  'broken gzip': gzipSync(config('users: [{name: ada}]')).subarray(0, 40),
  'two documents': '#cloud-config\na: 1\n---\nusers: [{name: ada}]\n',
};

/** All documents: those above, those of files beside this one, and the examples that come with cloud-init's package. */
export async function allDocuments(): Promise<ReadonlyMap<string, Buffer>> {
  const cases = path.join(import.meta.dirname, 'cases');
  const examples = path.join(cloudInitPackage, 'usr/share/doc/cloud-init/examples');
  return new Map([
    ...Object.entries(written).map(([name, document]): [string, Buffer] => [name, Buffer.from(document)]),
    ...(await filesOf(cases, 'case')),
    ...(await filesOf(examples, 'example')),
    ...(await filesOf(path.join(examples, 'seed'), 'example of a seed')),
  ]);
}

async function filesOf(directory: string, kind: string): Promise<readonly [string, Buffer][]> {
  const entries = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isFile());
  return await Promise.all(
    entries.map(async ({ name }): Promise<[string, Buffer]> => {
      const bytes = await readFile(path.join(directory, name));
      return [`${kind}: ${name}`, name.endsWith('.gz') ? gunzipSync(bytes) : bytes];
    }),
  );
}
