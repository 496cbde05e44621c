// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

/** What one share's server may touch, by the paths of its jail (assets/launcher/share-launch.sh). */
export interface ShareAccess {
  readonly instance: InstanceName;
  readonly id: string;
  readonly isReadOnly: boolean;
  /** Absolute paths, the same in the jail as on the host. */
  readonly program: string;
  readonly setpriv: string;
}

/** The profile's name, for its removal too. */
export function shareServerProfileName(instance: InstanceName, id: string): string {
  return profileName(instance, `share-server.${id}`);
}

/**
 * Entered at the exec of setpriv, the last program before the server: from there on there is no other
 * to become, no network, and nothing but the folder. The capabilities are what setpriv gives away.
 */
export function shareServerProfile(access: ShareAccess): ProfileText {
  return profileText(shareServerProfileName(access.instance, access.id), [
    ...runtimeSections(),
    section('gives its identity and capabilities away, then becomes the server', [
      `${quotePath(access.setpriv)} mr`, `${quotePath(access.program)} mrix`,
      'capability setuid', 'capability setgid', 'capability setpcap',
    ]),
    section('one user, whose name it looks up', ['/etc/passwd r', '/etc/nsswitch.conf r']),
    section('its only way out: the socket pairs of the helper', ['network unix stream', 'unix (send, receive, getattr, getopt, shutdown) type=stream']),
    section('the folder', access.isReadOnly ? ['/share/ r', '/share/** r'] : ['/share/ rw', '/share/** rwlk']),
    section('nothing else', ['deny network inet', 'deny network inet6', 'deny ptrace']),
  ]);
}
