// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import type { FileMade, SeedOutcome } from '../../support/real-cloud-init.ts';

/** What Berth's seed adds, so that the rest can be compared. */
export interface Added {
  readonly user: string;
  /** The part of the key's line that is the key. */
  readonly keyBlob: string;
}

/** What cloud-init notes for itself, keys that are made by chance, and what is Berth's own. */
const notCompared = [
  /^\/etc\/cloud\//,
  /^\/etc\/\.pwd\.lock$/,
  // Locks and files in the making of useradd(8): of this computer's own, which may be at it at that moment.
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)(\.lock|\.\d+|\+)$/,
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/etc\/ssh\/ssh_host_/,
  /^\/run\/cloud-init\/(instance-data|combined)/,
  /^\/var\/log\//,
  /^\/var\/lib\/cloud\/seed\//,
  /^\/var\/lib\/cloud\/instances\/[^/]+\/(obj\.pkl|vendor|boot-finished|boothooks\/berth-way-in$|sem\/)/,
  /^\/etc\/sudoers\.d\/90-berth$/,
  /^\/run\/berth-way-in$/,
];

const accounts = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].map((name) => `/etc/${name}`);

/** The content of a file that cloud-init made, as text; undefined where it made none. */
export function textOf(outcome: SeedOutcome, path: string): string | undefined {
  const content = outcome.files[path]?.content;
  return content === undefined ? undefined : Buffer.from(content, 'base64').toString();
}

/** The fields of the user's line in passwd(5), shadow(5) and the like. */
export function fieldsOf(outcome: SeedOutcome, path: string, user: string): readonly string[] | undefined {
  return textOf(outcome, path)
    ?.split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':');
}

/** All that cloud-init made on the user's word: by path, the content in a form in which two runs are equal. */
export function usersPart(
  outcome: SeedOutcome,
  added: Added,
  isAdded: { readonly user: boolean; readonly passwordSetting: boolean },
): Readonly<Record<string, string>> {
  const home = fieldsOf(outcome, '/etc/passwd', added.user)?.[5] ?? `/home/${added.user}`;
  const entries = Object.entries(outcome.files)
    .filter(([path]) => !notCompared.some((each) => each.test(path)))
    .filter(([path]) => !(isAdded.user && path.startsWith(`${home}/`)))
    .filter(([path]) => !(isAdded.passwordSetting && path.startsWith('/etc/ssh/sshd_config')))
    .map(([path, file]): [string, string] => [path, comparable(path, file, added, isAdded.user)])
    // A file that holds nothing but what Berth adds is not the user's.
    .filter(([path, text]) => !(path.endsWith('/authorized_keys') && text.endsWith(' \n')));
  // Where cloud-init made no account, those are there that this computer has.
  const accountEntries = accounts.map((path): [string, string] => {
    const text = textOf(outcome, path) ?? readFileSync(path, 'utf8');
    return [path, lines(path, text, added, isAdded.user).join('\n')];
  });
  return Object.fromEntries([...entries, ...accountEntries]);
}

function comparable(path: string, file: FileMade, added: Added, isUserAdded: boolean): string {
  const text = file.content === undefined ? (file.link ?? '') : Buffer.from(file.content, 'base64').toString('latin1');
  return `${file.mode} ${file.uid}:${file.gid} \n${lines(path, text, added, isUserAdded).join('\n')}`.replace(
    /\n$/,
    file.content === undefined ? '' : '\n',
  );
}

function lines(path: string, text: string, { user, keyBlob }: Added, isUserAdded: boolean): readonly string[] {
  const all = text.split('\n');
  if (path.endsWith('/authorized_keys')) return all.filter((line) => line !== '' && !line.includes(keyBlob)).sort();
  if (path === '/etc/sudoers.d/90-cloud-init-users') return all.filter((line) => !line.startsWith('# Created by'));
  if (path === '/etc/sudoers') return all.filter((line) => !line.startsWith('# Added by'));
  if (!accounts.includes(path)) return all;
  return all.filter((line) => !(isUserAdded && line.startsWith(`${user}:`))).map((line) => account(path, line, user));
}

/**
 * Passwords have a salt; of Berth's user, what it mends is left out: shell, lock, and when password and account run
 * out.
 */
function account(path: string, line: string, user: string): string {
  const fields = line.split(':');
  if (path === '/etc/shadow') {
    fields[1] = fields[1]?.replace(/^(!?\$\w+\$).*/, '$1') ?? '';
    if (fields[0] === user)
      [fields[1], fields[2], fields[7]] = [/^[!*]/.test(fields[1]) ? 'locked' : fields[1], '', ''];
  }
  if (path === '/etc/passwd' && fields[0] === user && /\/(nologin|false)$/.test(fields[6] ?? ''))
    fields[6] = '/bin/bash';
  return fields.join(':');
}
