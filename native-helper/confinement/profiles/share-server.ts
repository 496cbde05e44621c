// SPDX-License-Identifier: MIT
import { folderRules, profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

export interface ShareAccess {
  readonly instance: string;
  /** Letters and digits; one server each share. */
  readonly id: string;
  readonly program: string;
  readonly folder: string;
  readonly isReadOnly: boolean;
  /** Files may be given to other users: only where the share maps users. */
  readonly mapsUsers: boolean;
}

/** The profile of the server of one shared folder: links that lead out of it are refused, because the kernel judges the resolved path. */
export function shareServerProfile(access: ShareAccess): ProfileText {
  const { folder, isReadOnly } = access;
  return profileText(profileName(access.instance, `share-server.${access.id}`), [
    ...runtimeSections(),
    section('the program', [`${quotePath(access.program)} mr`, '/etc/{passwd,group,nsswitch.conf} r']),
    section('it speaks through the pipes it was given', ['unix (send, receive, getattr, getopt, shutdown) type=stream']),
    section('files of other users', access.mapsUsers ? ['chown', 'fowner', 'fsetid', 'dac_override', 'dac_read_search', 'setuid', 'setgid'].map((name) => `capability ${name}`) : []),
    section('the folder', isReadOnly ? [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} r`] : folderRules(folder)),
  ]);
}
