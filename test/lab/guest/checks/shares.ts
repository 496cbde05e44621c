// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { shareServerProfile } from '../../../../native-helper/confinement/profiles/share-server.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';

const folder = '/home/mia/My Project {x}';
const server = '/tmp/lab-share-server';
const mia = 1000;

/** OpenSSH's sftp-server in the profile of a shared folder, driven by sftp: what a guest could send it. */
export async function checkShares(): Promise<void> {
  await mkdir(`${folder}/deep`, { recursive: true });
  await mkdir('/home/mia/private');
  await writeFile(`${folder}/a.txt`, 'A\n');
  await writeFile('/home/mia/private/key', 'K\n');
  await writeFile('/home/mia/others', 'O\n', { mode: 0o666 });
  await promisify(execFile)('chown', ['-R', `${mia}:${mia}`, '/home/mia']);
  await promisify(execFile)('chown', ['0:0', '/home/mia/others']);
  const appArmor = new AppArmor(new LocalProcessRunner(), '/var/lib/lab-profiles');
  const signal = AbortSignal.timeout(600_000);
  const access = { instance: 'lab', id: 's1', program: '/usr/lib/openssh/sftp-server', folder, isReadOnly: false };
  const profile = await appArmor.prepare(shareServerProfile(access), signal);
  await writeFile(
    server,
    `#!/bin/sh\nexec setpriv --reuid ${mia} --regid ${mia} --clear-groups --bounding-set=-all --inh-caps=-all -- aa-exec -p ${profile} -- /usr/lib/openssh/sftp-server -d "${folder}"\n`,
    { mode: 0o755 },
  );
  await newDenials();

  const works = await sftp(
    'ls -l',
    'get a.txt /tmp/got',
    'put /etc/hostname new.txt',
    'mkdir d',
    'rename new.txt d/n2.txt',
    'ln d/n2.txt hard.txt',
    'rm hard.txt',
  );
  check('share', 'list, read, write, make, rename, link and remove in the folder', works.isDone, works.output);
  const denials = await newDenials();
  check('share', 'nothing of that was denied', denials.length === 0, denials.join('\n'));

  await symlink('/home/mia/private/key', `${folder}/way-out`);
  await symlink('/home/mia/private', `${folder}/way-in`);
  await link('/home/mia/private/key', '/home/mia/private/key2');
  const attempts: readonly (readonly [string, string])[] = [
    ['a file beside the folder', 'get /home/mia/private/key /tmp/stolen'],
    ['a file beside it by ..', 'get ../private/key /tmp/stolen'],
    ['a symbolic link that leads out', 'get way-out /tmp/stolen'],
    ['a folder behind a symbolic link', 'get way-in/key /tmp/stolen'],
    ['a hard link to a file outside', 'ln /home/mia/private/key stolen'],
    ['a hard link to a file of another user', 'ln /home/mia/others stolen'],
    ['a file moved out', 'rename a.txt /home/mia/private/a.txt'],
    ['a file written beside it', 'put /etc/hostname /home/mia/private/new'],
    ['a file that everybody may read', 'get /etc/hostname /tmp/stolen'],
  ];
  for (const [name, command] of attempts) {
    const { isDone, output } = await sftp(command);
    check('share', `is refused ${name}`, !isDone, output);
  }
  check(
    'share',
    'nothing came out',
    (await readFile('/tmp/stolen').catch(() => undefined)) === undefined &&
      (await readFile(`${folder}/stolen`).catch(() => undefined)) === undefined,
  );
  check(
    'share',
    "the refusals are in the kernel's log",
    (await newDenials()).some((line) => line.includes('share-server.s1') && line.includes('/home/mia/private/key')),
  );

  await appArmor.prepare(shareServerProfile({ ...access, isReadOnly: true }), signal);
  check('share', 'read-only: reading goes on', (await sftp('get a.txt /tmp/got2')).isDone);
  for (const command of ['put /etc/hostname b.txt', 'rm a.txt', 'mkdir e', 'rename a.txt b.txt'])
    check('share', `read-only: ${command} is refused`, !(await sftp(command)).isDone);
  await appArmor.remove(profile ?? '', signal);
}

async function sftp(...commands: readonly string[]): Promise<{ readonly isDone: boolean; readonly output: string }> {
  await writeFile('/tmp/lab-batch', `${commands.join('\n')}\n`);
  return promisify(execFile)('sftp', ['-q', '-b', '/tmp/lab-batch', '-D', server], {
    cwd: '/tmp',
    env: { ...process.env, HOME: '/tmp' },
  }).then(
    ({ stdout }) => ({ isDone: true, output: stdout }),
    (error: { stderr: string }) => ({ isDone: false, output: error.stderr }),
  );
}
