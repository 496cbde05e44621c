// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { shareServerProfileName } from '../../../../native-helper/confinement/profiles/share-server.ts';
import { virtiofsdProfileName } from '../../../../native-helper/confinement/profiles/virtiofsd.ts';
import type { ProcessRef } from '../../../../native-helper/core/seams/processes.ts';
import { isAlive, referTo } from '../../../../native-helper/process/proc-fs.ts';
import { createFixture, type Fixture } from '../../../integration/hypervisor/fixture.ts';
import { RawSftp } from '../../../support/raw-sftp.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';
import { loadHelperProfile } from '../helper-profile.ts';
import { loadedProfiles, processesIn } from '../labelled.ts';
import { Keeper } from '../shares/keeper.ts';
import { folder, guestUser, instance, mia, mountOf } from '../shares/mount.ts';
import { until } from '../whole-helper.ts';

/** The servers of shared folders in the product's jail and under their profiles, started from within the helper's. */
export async function checkServed(): Promise<void> {
  await mkdir(`${folder}/deep`, { recursive: true });
  await writeFile(`${folder}/a.txt`, 'A\n');
  await writeFile('/home/mia/beside', 'B\n', { mode: 0o666 });
  await promisify(execFile)('chown', ['-R', `${mia.uid}:${mia.gid}`, '/home/mia']);
  await using fixture = await createFixture('/var/lib');
  await using _ = await loadHelperProfile(fixture.root);
  await using keeper = await Keeper.start(fixture.root);
  await newDenials();
  await checkSftp(keeper);
  await checkReadOnlySftp(keeper);
  await checkNineP(keeper);
  await checkVirtiofs(keeper, fixture);
}

async function checkSftp(keeper: Keeper): Promise<void> {
  const mount = mountOf('0badcafe');
  const profile = shareServerProfileName(instance, mount.id);
  const sftp = await speak((await keeper.tell('serve-sftp', { instance, mount })).socket);
  await checkRunsIn(profile, 'sftp-server');
  check('sftp-server', 'serves what is in the folder', (await sftp.readFile('/share/a.txt')) === 'A\n');
  const done = [
    await sftp.writeFile('/share/new', 'N'),
    await sftp.append('/share/new', 'N'),
    await sftp.makeFolder('/share/d'),
    await sftp.rename('/share/new', '/share/d/moved'),
    await sftp.hardlink('/share/d/moved', '/share/linked'),
    await sftp.chmod('/share/linked', 0o600),
    await sftp.symlink('d/moved', '/share/pointed'),
    await sftp.readFile('/share/pointed'),
    await sftp.remove('/share/pointed'),
  ];
  check(
    'sftp-server',
    'writes, makes, renames, links, changes and removes there',
    done.join() === 'done,done,done,done,done,done,done,NN,done' &&
      (await readFile(`${folder}/d/moved`, 'utf8')) === 'NN',
    done,
  );
  check('sftp-server', 'as the user', (await stat(`${folder}/linked`)).uid === mia.uid);
  await checkNothingDenied('sftp-server', 'neither it nor the helper was denied anything in that');
  await checkEscapes(sftp, profile);
  await checkKilled(keeper, mount.id, profile);
}

/** What a hostile root of the guest may try (test/attacks/sftp-escape.test.ts), with AppArmor behind the jail. */
async function checkEscapes(sftp: RawSftp, profile: string): Promise<void> {
  for (const place of ['/', '/etc', '/usr', '/old']) {
    const listed = await sftp.list(place);
    check(
      'sftp-server',
      `AppArmor refuses what the jail would let it see: ${place}`,
      String(listed).startsWith('refused'),
      listed,
    );
  }
  const lines = await newDenials();
  check(
    'sftp-server',
    "each is in the kernel's log",
    ['/', '/etc/', '/usr/', '/old/'].every((name) =>
      lines.some((line) => line.includes(`profile="${profile}"`) && line.includes(`name="${name}"`)),
    ),
    lines.join('\n'),
  );
  await symlink('/home/mia/beside', `${folder}/way-out`);
  await promisify(execFile)('mkfifo', ['-m', '666', `${folder}/fifo`]);
  const outside = [
    '/home/mia/beside',
    '/share/../home/mia/beside',
    '/share/way-out',
    '/etc/hostname',
    '/proc/1/root/etc/hostname',
    '/old/etc/hostname',
    '/dev/vda',
    '/share/fifo',
  ];
  const answers = [
    ...(await Promise.all(outside.flatMap((file) => [sftp.readFile(file), sftp.writeFile(file, 'x')]))),
    await sftp.hardlink('/etc/passwd', '/share/stolen'),
    await sftp.rename('/etc/passwd', '/share/stolen'),
    await sftp.rename('/share/a.txt', '/a.txt'),
    await sftp.chown('/share/a.txt', 0, 0),
  ];
  check(
    'sftp-server',
    'nothing leads out, nor is anything but a file or folder opened',
    answers.every((answer) => answer.startsWith('refused')) && (await readFile('/home/mia/beside', 'utf8')) === 'B\n',
    answers,
  );
  await newDenials();
}

async function checkReadOnlySftp(keeper: Keeper): Promise<void> {
  const mount = mountOf('0badcaf0', { isReadOnly: true });
  const sftp = await speak((await keeper.tell('serve-sftp', { instance, mount })).socket);
  const answers = [
    await sftp.writeFile('/share/a.txt', 'x'),
    await sftp.writeFile('/share/x', 'x'),
    await sftp.remove('/share/a.txt'),
    await sftp.makeFolder('/share/x'),
    await sftp.rename('/share/a.txt', '/share/x'),
  ];
  check(
    'sftp-server',
    'read-only: it reads, and writes in no way',
    (await sftp.readFile('/share/a.txt')) === 'A\n' && answers.every((answer) => answer.startsWith('refused')),
    answers,
  );
  const profile = shareServerProfileName(instance, mount.id);
  const ref = await serverIn(profile);
  await keeper.tell('stop', { id: mount.id });
  await checkGone('sftp-server', 'that is stopped', profile, ref);
}

async function checkNineP(keeper: Keeper): Promise<void> {
  const mount = mountOf('0badcaf9');
  const profile = shareServerProfileName(instance, mount.id);
  await keeper.tell('serve-9p', { instance, mount, insideAs: guestUser });
  await checkRunsIn(profile, 'diod');
  await checkNothingDenied('diod', 'neither it nor the helper was denied anything at its start');
  await checkKilled(keeper, mount.id, profile);
}

async function checkVirtiofs(keeper: Keeper, fixture: Fixture): Promise<void> {
  const mounts = ['0badcaf1', '0badcaf2'].map((id) => mountOf(id));
  const [killed = '', kept = ''] = mounts.map(({ id }) => id);
  await keeper.tell('start-machine', { spec: await fixture.machine(instance, { shareSlots: 8 }) });
  for (const mount of mounts) {
    const { tag } = await keeper.tell('serve-virtiofs', { instance, mount, insideAs: guestUser });
    check('virtiofsd', 'is plugged into a machine', tag.startsWith('lab.'), tag);
    await checkRunsIn(virtiofsdProfileName(instance, mount.id), 'virtiofsd');
  }
  await checkRunsIn(`multipass.${instance}.qemu-system-x86_64`, 'qemu-system-x86');
  const port = await keeper.tell('open-port', { id: '0badcaf3' });
  check(
    'sshfs',
    'a port for it is plugged into a machine, and taken out again',
    port.name.startsWith('berth-0badcaf3-'),
    port,
  );
  await checkNothingDenied('virtiofsd', 'neither it nor the machine nor the helper was denied anything in that');
  await checkKilled(keeper, killed, virtiofsdProfileName(instance, killed));
  const profile = virtiofsdProfileName(instance, kept);
  const ref = await serverIn(profile);
  await keeper.tell('end-machine', {});
  await keeper.tell('await-end', { id: kept });
  await checkGone('virtiofsd', 'whose machine ended', profile, ref);
  await checkNothingDenied('virtiofsd', 'nor at the ends');
}

/**
 * One process, under the name that the kernel cuts to 15 bytes. The profile is entered two programs before it at most.
 */
async function checkRunsIn(profile: string, command: string): Promise<void> {
  await until(async () => (await processesIn(profile)).some((each) => each.command === command));
  const processes = await processesIn(profile);
  check(
    command,
    `runs in ${profile}, enforcing`,
    processes.length === 1 && processes[0]?.command === command && processes[0].label === `${profile} (enforce)`,
    processes,
  );
}

async function checkNothingDenied(area: string, name: string): Promise<void> {
  const denied = await newDenials();
  check(area, name, denied.length === 0, denied.join('\n'));
}

/** Kills what the helper started, which is not the server but what waits for it outside the jail. */
async function checkKilled(keeper: Keeper, id: string, profile: string): Promise<void> {
  const [server] = await processesIn(profile);
  const ref = await serverIn(profile);
  signalProcess(server?.parentPid ?? 0, 'SIGKILL');
  const { reason } = await keeper.tell('await-end', { id });
  await checkGone(server?.command ?? '', `that is killed from outside (${reason})`, profile, ref);
}

async function serverIn(profile: string): Promise<ProcessRef | undefined> {
  const [server] = await processesIn(profile);
  return await referTo(server?.pid ?? 0);
}

/** A process whose profile is removed would run on, unconfined. */
async function checkGone(area: string, which: string, profile: string, ref: ProcessRef | undefined): Promise<void> {
  check(
    area,
    `one ${which} leaves no profile, and no process without one`,
    ref !== undefined && !(await isAlive(ref)) && !(await loadedProfiles()).includes(profile),
    ref,
  );
}

async function speak(socket: string): Promise<RawSftp> {
  const client = connect(socket);
  await once(client, 'connect');
  return await RawSftp.start(client, client);
}
