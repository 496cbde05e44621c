// SPDX-License-Identifier: MIT
import { folderRules, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { runtimeSections } from './runtime.ts';
import { shareServerProfileName } from './share-server.ts';
import { userNamespaceSections } from './user-namespace.ts';
import type { VirtiofsdAccess } from './virtiofsd.ts';

/**
 * Of diod, named as that of sftp-server: a mount has one or the other. Entered before the server takes on its user, so
 * it covers the steps from there to the server, which has no capability any more.
 */
export function ninePServerProfile({
  instance,
  id,
  program,
  setpriv,
  unshare,
  folder,
  isReadOnly,
}: VirtiofsdAccess): ProfileText {
  return profileText(shareServerProfileName(instance, id), [
    ...runtimeSections(),
    section('the program', [`${quotePath(program)} mrix`]),
    ...userNamespaceSections({ setpriv, isSetprivAgain: true, unshare }),
    section('its only way out: the socket pairs of the helper', [
      'network unix stream',
      'unix (send, receive, getattr, getopt, shutdown) type=stream',
    ]),
    section("the system's log, which is not in its jail, refused quietly", ['deny network unix dgram']),
    section(
      'the folder',
      isReadOnly ? [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} r`] : folderRules(folder),
    ),
  ]);
}
