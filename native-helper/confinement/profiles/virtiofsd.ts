// SPDX-License-Identifier: MIT
import { folderRules, profileName, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';
import { userNamespaceSections } from './user-namespace.ts';

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

/** Entered before the server takes on its user, so it covers the steps from there to the server. */
export function virtiofsdProfile(access: VirtiofsdAccess): ProfileText {
  const { folder, isReadOnly } = access;
  return profileText(
    virtiofsdProfileName(access.instance, access.id),
    [
      ...runtimeSections(),
      section('the program', [`${quotePath(access.program)} mrix`]),
      ...userNamespaceSections({ setpriv: access.setpriv, isSetprivAgain: false, unshare: access.unshare }),
      section('its own descriptors, by which it opens files, and its chroot into the folder', [
        '@{PROC}/ r',
        '@{PROC}/@{pid}/{,task/@{tid}/}fd/{,*} r',
        '@{PROC}/@{pid}/task/{,@{tid}/} r',
        '@{PROC}/sys/fs/file-max r',
        'capability sys_chroot',
      ]),
      section('known attempts, refused quietly: how many processors there are, labels of another kind', [
        'deny @{PROC}/stat r',
        'deny @{PROC}/@{pid}/task/@{tid}/attr/fscreate rw',
      ]),
      section("its only way out: the socket of QEMU, which hands it the guest's memory", [
        'network unix stream',
        'unix (accept, listen, send, receive, getattr, getopt, setopt, shutdown) type=stream',
      ]),
      section(
        'the folder',
        isReadOnly ? [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} r`] : folderRules(folder),
      ),
    ],
    ['attach_disconnected'],
  );
}
