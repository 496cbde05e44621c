// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { shareServerProfile } from '../../../../native-helper/confinement/profiles/share-server.ts';
import { ninePServerProfile } from '../../../../native-helper/confinement/profiles/nine-p-server.ts';
import { virtiofsdProfile } from '../../../../native-helper/confinement/profiles/virtiofsd.ts';
import { createFixture } from '../../../integration/hypervisor/fixture.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';
import { folder, guestUser, instance, mia, mountOf } from '../shares/mount.ts';
import { takeOver, type ServerKind } from '../shares/taken-over.ts';

const id = '0badcaf3';
const [sftpServer, diod, virtiofsd, setpriv, unshare] = [
  '/usr/lib/openssh/sftp-server',
  '/usr/sbin/diod',
  '/usr/lib/qemu/virtiofsd',
  '/usr/bin/setpriv',
  '/usr/bin/unshare',
];
const common = { instance, id, isReadOnly: false, folder: '/share', setpriv };
/** Each server that a folder can have. */
const kinds: Readonly<Record<string, ServerKind>> = {
  'sftp-server': { program: sftpServer, profile: shareServerProfile({ ...common, program: sftpServer }) },
  diod: {
    program: diod,
    profile: ninePServerProfile({ ...common, program: diod, unshare }),
    insideAs: guestUser,
    isPowerless: true,
  },
  virtiofsd: {
    program: virtiofsd,
    profile: virtiofsdProfile({ ...common, program: virtiofsd, unshare }),
    insideAs: guestUser,
  },
};
const attempts = [
  'the root of the jail',
  'an internet socket',
  'a netlink socket',
  'another program',
  'a program from memory',
  'a mount of its own',
];

/** A server of a shared folder that somebody made his own: what the jail alone lets him do, AppArmor refuses. */
export async function checkTakenOver(): Promise<void> {
  await mkdir(folder, { recursive: true });
  await promisify(execFile)('chown', ['-R', `${mia.uid}:${mia.gid}`, '/home/mia']);
  await using fixture = await createFixture('/var/lib');
  for (const [name, kind] of Object.entries(kinds)) {
    const [alone, held] = [
      await takeOver(kind, { mount: mountOf(id), files: fixture.files, isProfiled: false }),
      await takeOver(kind, { mount: mountOf(id), files: fixture.files, isProfiled: true }),
    ];
    check(
      'taken over',
      `${name} writes in its folder`,
      held['a file of the folder'] === 'done' && alone['a file of the folder'] === 'done',
      held,
    );
    for (const attempt of attempts)
      check(
        'taken over',
        `${name} is refused ${attempt}, which its jail would allow`,
        alone[attempt] === 'done' &&
          /^refused, (?:Permission denied|Operation not permitted)/.test(held[attempt] ?? ''),
        `${alone[attempt]}; ${held[attempt]}`,
      );
    const lines = await newDenials();
    check(
      'taken over',
      `the refusals to ${name} are in the kernel's log`,
      ['operation="open"', 'family="inet"', 'family="netlink"', 'operation="exec"', 'operation="mount"'].every((word) =>
        lines.some((line) => line.includes(kind.profile.name) && line.includes(word)),
      ),
      lines.join('\n'),
    );
  }
}
