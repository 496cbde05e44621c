// SPDX-License-Identifier: MIT
import { folderRules, profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';

/** What virtiofsd of one mount may touch, as it sees it in the jail of assets/launcher/share-launch.sh. */
export interface VirtiofsdAccess {
  readonly instance: string;
  readonly id: string;
  readonly program: string;
  /** What gives identity and capabilities away before it, and what makes its user namespace. */
  readonly setpriv: string;
  readonly unshare: string;
  readonly folder: string;
  readonly isReadOnly: boolean;
}

/** The profile's name, for its removal too. */
export function virtiofsdProfileName(instance: string, id: string): string {
  return profileName(instance, `virtiofsd.${id}`);
}

/**
 * Entered before the server takes on its user, so it covers the steps from there to the server. The capabilities
 * after the first three are those of the server's own user namespace: for its chroot, and for giving up all.
 */
export function virtiofsdProfile(access: VirtiofsdAccess): ProfileText {
  const { folder, isReadOnly } = access;
  return profileText(virtiofsdProfileName(access.instance, access.id), [
    ...runtimeSections(),
    section('the program', [`${quotePath(access.program)} mrix`]),
    section('what gives identity and capabilities away before it', [`${quotePath(access.setpriv)} mr`, `${quotePath(access.unshare)} mrix`, 'capability setuid', 'capability setgid', 'capability setpcap', 'capability sys_chroot']),
    section('its user namespace, and its own descriptors, by which it opens files', [
      'owner @{PROC}/@{pid}/{uid_map,gid_map,setgroups} rw', '@{PROC}/ r', '@{PROC}/@{pid}/{,task/@{tid}/}fd/{,*} r', '@{PROC}/@{pid}/task/{,@{tid}/} r', '@{PROC}/sys/{kernel/cap_last_cap,fs/file-max} r',
    ]),
    section('its only way out: the socket of QEMU, which hands it the guest\'s memory', ['network unix stream', 'unix (accept, listen, send, receive, getattr, getopt, setopt, shutdown) type=stream']),
    section('the folder', isReadOnly ? [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} r`] : folderRules(folder)),
  ], ['attach_disconnected']);
}
