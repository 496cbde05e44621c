// SPDX-License-Identifier: MIT
import { section } from '../profile.ts';

/**
 * What any dynamically linked program needs. Instead of abstractions/base, which gives every
 * machine much more: the journal, others' /proc entries, uuidd.
 */
export function runtimeSections(): string[] {
  return [
    section('loader and C library', [
      '/etc/ld.so.cache r',
      '/{usr/,}lib{,32,64}/ld{,32,64}-*.so* mr',
      '/{usr/,}lib/@{multiarch}/{,**/}*.so{,.*} mr',
      '/usr/share/zoneinfo/** r',
      '/etc/localtime r',
    ]),
    section('null and entropy', ['/dev/null rw', '/dev/zero rw', '/dev/{,u}random r']),
    section('what libraries read at start', [
      '@{PROC}/filesystems r',
      '@{PROC}/sys/vm/overcommit_memory r',
      '@{PROC}/sys/crypto/fips_enabled r',
      'owner @{PROC}/@{pid}/status r',
      'owner @{PROC}/@{pid}/task/@{tid}/comm rw',
      '/sys/devices/system/cpu/{online,possible,} r',
      '/sys/devices/system/node/ r',
      '/sys/devices/system/node/node[0-9]*/meminfo r',
    ]),
    section('only the helper may signal or inspect it', [
      'signal (receive) peer=berth-helper',
      'ptrace (readby) peer=berth-helper',
      'signal (receive) peer=unconfined',
      'ptrace (readby) peer=unconfined',
      'signal (send, receive) peer=@{profile_name}',
    ]),
  ];
}

/**
 * QEMU reads who ended it, for a log line. Of machines' profiles alone: a refusal beats every allowance, and the helper
 * finds again by their command lines what an earlier one started.
 */
export function quietCommandLineSection(): string {
  return section('reads who ended it for a log line: refused quietly, a command line can hold secrets', [
    'deny @{PROC}/[0-9]*/cmdline r',
  ]);
}
