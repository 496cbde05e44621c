// SPDX-License-Identifier: MIT
import { instanceName, type InstanceName } from '#contract/names.ts';
import { say } from '#messages/say.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

export interface GuestPath {
  readonly name: InstanceName;
  /** What stands behind the colon; undefined where there is none. */
  readonly path: string | undefined;
}

/** Reads `NAME` or `NAME:PATH`. */
export function splitGuestPath(word: string): GuestPath {
  const found = guestPathOf(word);
  if (found) return found;
  const name = instanceName.safeParse(word);
  if (!name.success) throw new CliError(say('cli.usage.guest-path', { word }), exitCodes.usage);
  return { name: name.data, path: undefined };
}

/** A person's `~` is the guest's home, where relative paths begin; no shell of the guest reads it. */
function belowHome(path: string): string {
  if (/^~[^/]/.test(path)) throw new CliError(say('cli.usage.home-of-others', { path }), exitCodes.usage);
  return path.replace(/^~(?:\/+|$)/, '') || '.';
}

/** `NAME:PATH`, or undefined for a path on this computer; `./a:b` is one, as in scp(1). */
export function guestPathOf(word: string): (GuestPath & { readonly path: string }) | undefined {
  const colon = word.indexOf(':');
  const name = colon < 0 ? undefined : instanceName.safeParse(word.slice(0, colon));
  return name?.success ? { name: name.data, path: belowHome(word.slice(colon + 1)) } : undefined;
}
