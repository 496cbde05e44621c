// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import { imageSettings, remoteSettings, type ImageRemote, type ImageSettings } from '#contract/images.ts';
import { say } from '#messages/say.ts';

/** What the dialog about a remote has, as typed. */
export interface RemoteFields {
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly mirror: string;
  readonly defaultUser: string;
  readonly keyring: string;
}

export const blankRemote: RemoteFields = {
  name: '',
  title: '',
  url: '',
  mirror: '',
  defaultUser: 'ubuntu',
  keyring: '',
};

export interface ParsedRemote {
  /** The settings with the remote in them; absent while something is wrong or missing. */
  readonly settings?: ImageSettings;
  readonly errors: Readonly<Partial<Record<keyof RemoteFields, string>>>;
}

/** The fields of a remote that is there. */
export function fieldsOf(remote: ImageRemote, settings: ImageSettings): RemoteFields {
  const own = settings.remotes.find(({ name }) => name === remote.name);
  return {
    name: remote.name,
    title: remote.title,
    url: remote.url,
    mirror: settings.mirrors[remote.name] ?? '',
    defaultUser: own?.defaultUser ?? '',
    keyring: own?.keyring ?? '',
  };
}

/**
 * A new remote, or `before` changed; of one that comes with Berth only the mirror. Checked by the contract's schemas.
 */
export function parseRemote(
  fields: RemoteFields,
  settings: ImageSettings,
  before: ImageRemote | undefined,
): ParsedRemote {
  const name = before?.name ?? fields.name.trim();
  const own = before?.isBuiltIn === true ? undefined : ownRemote(fields);
  const checked = imageSettings.safeParse({
    ...settings,
    mirrors: withMirror(settings, name, fields.mirror.trim()),
    remotes: withOwn(settings.remotes, own?.data),
  });
  const errors = {
    ...(before === undefined ? takenMessage(name, settings) : {}),
    ...messagesOf(own?.error),
    ...mirrorMessage(checked.error),
  };
  if (checked.success && Object.keys(errors).length === 0) return { settings: checked.data, errors };
  // a field that is still blank has no error, but nothing can be saved
  return {
    errors: Object.fromEntries(Object.entries(errors).filter(([field]) => fields[field as keyof RemoteFields] !== '')),
  };
}

function takenMessage(name: string, { remotes }: ImageSettings): { readonly name?: string } {
  return remotes.some((remote) => remote.name === name) ? { name: say('sources.taken') } : {};
}

function messagesOf(error: z.ZodError | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [String(path[0]), message]));
}

function mirrorMessage(error: z.ZodError | undefined): { readonly mirror?: string } {
  const issue = error?.issues.find(({ path }) => path[0] === 'mirrors');
  return issue === undefined ? {} : { mirror: issue.message };
}

function withOwn(
  remotes: ImageSettings['remotes'],
  own: ImageSettings['remotes'][number] | undefined,
): ImageSettings['remotes'] {
  if (own === undefined) return remotes;
  return remotes.some(({ name }) => name === own.name)
    ? remotes.map((each) => (each.name === own.name ? own : each))
    : [...remotes, own];
}

function ownRemote(fields: RemoteFields): ReturnType<typeof remoteSettings.safeParse> {
  const filled = Object.fromEntries(
    (['title', 'keyring', 'defaultUser'] as const)
      .map((field) => [field, fields[field].trim()])
      .filter(([, text]) => text !== ''),
  );
  return remoteSettings.safeParse({ name: fields.name.trim(), url: fields.url.trim(), ...filled });
}

function withMirror(settings: ImageSettings, remote: string, mirror: string): Readonly<Record<string, string>> {
  const { [remote]: _, ...others } = settings.mirrors as Readonly<Record<string, string>>;
  return mirror === '' ? others : { ...others, [remote]: mirror };
}

/** Without a remote of the administrator's and what was decided about it. */
export function withoutRemote(settings: ImageSettings, gone: ImageRemote): ImageSettings {
  const { [gone.name]: _, ...mirrors } = settings.mirrors;
  return {
    ...settings,
    mirrors,
    remotes: settings.remotes.filter(({ name }) => name !== gone.name),
    disabled: settings.disabled.filter((name) => name !== gone.name),
  };
}

/** With a remote asked, or not. */
export function withEnabled(settings: ImageSettings, { name }: ImageRemote, isEnabled: boolean): ImageSettings {
  const others = settings.disabled.filter((each) => each !== name);
  return { ...settings, disabled: isEnabled ? others : [...others, name] };
}

/** With another way to the servers; a blank field means the helper's own environment. */
export function parseProxy(
  fields: { readonly proxy: string; readonly noProxy: string },
  settings: ImageSettings,
): { readonly settings?: ImageSettings; readonly error?: string } {
  const { proxy: _, noProxy: __, ...rest } = settings;
  const checked = imageSettings.safeParse({
    ...rest,
    ...(fields.proxy.trim() === '' ? {} : { proxy: fields.proxy.trim() }),
    ...(fields.noProxy.trim() === '' ? {} : { noProxy: fields.noProxy.trim() }),
  });
  return checked.success ? { settings: checked.data } : { error: say('sources.not-a-proxy') };
}
