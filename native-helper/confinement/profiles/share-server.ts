// SPDX-License-Identifier: MIT
import { folderRules, profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

/** What the server of one mount may touch. */
export interface ShareAccess {
  readonly instance: string;
  /** Letters and digits; one server each mount. */
  readonly id: string;
  readonly program: string;
  /** As the server sees it: in the jail of assets/launcher/share-launch.sh it lies at /share. */
  readonly folder: string;
  readonly isReadOnly: boolean;
  /**
   * The program that runs before the server and gives identity and capabilities away; none where the server is entered
   * directly.
   */
  readonly setpriv?: string;
}

/** The profile's name, for its removal too. */
export function shareServerProfileName(instance: string, id: string): string {
  return profileName(instance, `share-server.${id}`);
}

/**
 * Entered at the last exec: from there on there is no other program to become, no network, and nothing
 * but the folder. Links that lead out of it are refused, because the kernel judges the resolved path.
 */
export function shareServerProfile(access: ShareAccess): ProfileText {
  const { folder, isReadOnly, setpriv } = access;
  return profileText(shareServerProfileName(access.instance, access.id), [
    ...runtimeSections(),
    section('the program', [
      `${quotePath(access.program)} ${setpriv === undefined ? 'mr' : 'mrix'}`,
      '/etc/{passwd,group,nsswitch.conf} r',
    ]),
    section(
      'what gives identity and capabilities away before it',
      setpriv === undefined
        ? []
        : [`${quotePath(setpriv)} mr`, 'capability setuid', 'capability setgid', 'capability setpcap'],
    ),
    section('its only way out: the socket pairs of the helper', [
      'network unix stream',
      'unix (send, receive, getattr, getopt, shutdown) type=stream',
    ]),
    section(
      'the folder',
      isReadOnly ? [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} r`] : folderRules(folder),
    ),
  ]);
}
