// SPDX-License-Identifier: MIT
import { Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { HelperError } from '../core/errors.ts';

/** What Berth needs every guest to have. */
export interface GuestIdentity {
  readonly hostName: string;
  readonly user: string;
  readonly authorizedKey: string;
  /** The guest's host key, made by us so that it can be pinned before the first connection. */
  readonly hostKey: { readonly privateKey: string; readonly publicKey: string };
  readonly timeZone?: string | undefined;
}

export interface SeedDocuments {
  readonly userData: string;
  readonly vendorData: string;
}

const marker = '#cloud-config';

/**
 * The two documents of the seed. A plain cloud-config of the user's is merged with ours, comments
 * kept; where both speak, the user's word stands, except that our key is added to the keys of the
 * default user. Any other kind (MIME, jinja, script, include, gzip) is passed on byte for byte, and
 * ours goes beside it as vendor data, which cloud-init merges itself with lower priority.
 *
 * @throws HelperError cloudinit.invalid for a cloud-config that is not a YAML mapping
 */
export function seedDocuments(identity: GuestIdentity, ownDocument: string | undefined): SeedDocuments {
  const document = ownDocument?.replace(/^\uFEFF/, '');
  if (document === undefined || document.trim() === '') {
    return { userData: render(ourConfig(identity)), vendorData: `${marker}\n{}\n` };
  }
  if (!isPlainCloudConfig(document)) return { userData: document, vendorData: render(ourConfig(identity)) };
  return { userData: merge(document, identity), vendorData: `${marker}\n{}\n` };
}

function isPlainCloudConfig(document: string): boolean {
  return document.split('\n', 1)[0]?.trimEnd() === marker;
}

function ourConfig(identity: GuestIdentity): Document {
  const config = new Document({
    hostname: identity.hostName,
    manage_etc_hosts: true,
    bootcmd: [userWithoutBash(identity.user)],
    users: [defaultUser(identity)],
    ssh_keys: hostKeys(identity),
    ssh_pwauth: false,
    ...(identity.timeZone === undefined ? {} : { timezone: identity.timeZone }),
    growpart: { mode: 'auto', devices: ['/'], ignore_growroot_disabled: false },
  });
  return config;
}

function defaultUser(identity: GuestIdentity): Record<string, unknown> {
  return {
    name: identity.user,
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: '/bin/bash',
    lock_passwd: true,
    ssh_authorized_keys: [identity.authorizedKey],
  };
}

/**
 * Alpine's images, among others, have no bash, and sshd lets nobody in whose shell is not there. `bootcmd`
 * comes before cloud-init makes users, and a user that is there already gets keys and sudo only
 * (cloudinit/distros/__init__.py), so such a guest makes the user itself, with the shell that all have.
 */
function userWithoutBash(user: string): string {
  return `[ -x /bin/bash ] || id ${user} >/dev/null 2>&1 || useradd -m -s /bin/sh ${user} || adduser -D -s /bin/sh ${user}`;
}

function hostKeys(identity: GuestIdentity): Record<string, string> {
  return { ed25519_private: identity.hostKey.privateKey, ed25519_public: identity.hostKey.publicKey };
}

function merge(document: string, identity: GuestIdentity): string {
  const config = parseDocument(document);
  const problem = config.errors[0];
  if (problem) throw new HelperError('cloudinit.invalid', { reason: problem.message }, { cause: problem });
  if (config.contents === null) return render(ourConfig(identity));
  if (!isMap(config.contents)) throw new HelperError('cloudinit.invalid', { reason: 'the document is not a mapping of keys to values' });

  setUnlessPresent(config, 'hostname', identity.hostName);
  setUnlessPresent(config, 'manage_etc_hosts', true);
  if (identity.timeZone !== undefined) setUnlessPresent(config, 'timezone', identity.timeZone);
  setUnlessPresent(config, 'growpart', { mode: 'auto', devices: ['/'], ignore_growroot_disabled: false });
  // The host key is the one exception to the user's word: with another, no connection could be trusted.
  config.set('ssh_keys', config.createNode({ ...plain(config, 'ssh_keys'), ...hostKeys(identity) }));
  mergeUsers(config, identity);
  return config.toString({ lineWidth: 0 });
}

/** Adds the default user, or our key to it where the user's document describes it already. */
function mergeUsers(config: Document, identity: GuestIdentity): void {
  const users = config.get('users');
  if (users === undefined || users === null) {
    config.set('users', config.createNode([defaultUser(identity)]));
    mergeCommand(config, userWithoutBash(identity.user));
    return;
  }
  if (!isSeq(users)) throw new HelperError('cloudinit.invalid', { reason: 'users is not a list' });
  const described = users.items.find((item): item is YAMLMap => isMap(item) && item.get('name') === identity.user);
  if (!described) {
    users.add(config.createNode(defaultUser(identity)));
    mergeCommand(config, userWithoutBash(identity.user));
    return;
  }
  const keys = described.get('ssh_authorized_keys');
  if (isSeq(keys)) keys.add(identity.authorizedKey);
  else described.set('ssh_authorized_keys', config.createNode([identity.authorizedKey]));
  if (!described.has('sudo')) described.set('sudo', 'ALL=(ALL) NOPASSWD:ALL');
}

/** After the user's own commands; one that is no list is cloud-init's to complain of. */
function mergeCommand(config: Document, command: string): void {
  const commands = config.get('bootcmd');
  if (isSeq(commands)) commands.add(command);
  else setUnlessPresent(config, 'bootcmd', [command]);
}

function setUnlessPresent(config: Document, key: string, value: unknown): void {
  if (!config.has(key)) config.set(key, config.createNode(value));
}

function plain(config: Document, key: string): Record<string, unknown> {
  const value = config.get(key);
  return isMap(value) ? (value.toJSON() as Record<string, unknown>) : {};
}

function render(config: Document): string {
  return `${marker}\n${config.toString({ lineWidth: 0 })}`;
}
