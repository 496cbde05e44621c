// SPDX-License-Identifier: MIT
import { quotePath, section } from '../profile.ts';

interface Steps {
  readonly setpriv: string;
  /** Whether setpriv runs again behind unshare, to give up what unshare has kept. */
  readonly isSetprivAgain: boolean;
  readonly unshare: string;
}

/**
 * The steps of assets/launcher/share-launch.sh from the profile's entry to a server with a user namespace of its own:
 * setpriv takes the user on, unshare makes the namespace. The server has the same profile, because no_new_privs is set
 * by then, and under it the kernel lets nobody change to another. Outside of the namespace none of the capabilities is
 * held.
 */
export function userNamespaceSections({ setpriv, isSetprivAgain, unshare }: Steps): string[] {
  return [
    section('what gives identity and capabilities away before it', [
      `${quotePath(setpriv)} ${isSetprivAgain ? 'mrix' : 'mr'}`,
      `${quotePath(unshare)} mrix`,
      '/etc/{passwd,group,nsswitch.conf} r',
      'capability setuid',
      'capability setgid',
      'capability setpcap',
    ]),
    // Any map is written by the first, that of root by the second besides (user_namespaces(7)); to mount anything in
    // there no rule allows.
    section('the maps of its user namespace', [
      'owner @{PROC}/@{pid}/{uid_map,gid_map,setgroups} rw',
      '@{PROC}/@{pid}/status r',
      '@{PROC}/sys/kernel/cap_last_cap r',
      'capability sys_admin',
      'capability setfcap',
    ]),
    // unshare of util-linux 2.38 tests the bit of a capability by its number modulo 32: for setgid, setuid and setpcap
    // it raises these, and gives up where it cannot.
    section('what unshare takes for others of that number', [
      'capability perfmon',
      'capability bpf',
      'capability checkpoint_restore',
    ]),
  ];
}
