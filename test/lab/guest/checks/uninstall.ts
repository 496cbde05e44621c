// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { profileText, section } from '../../../../native-helper/confinement/profile.ts';
import { helperProfileName } from '../../../../native-helper/confinement/profiles/helper.ts';
import { runtimeSections } from '../../../../native-helper/confinement/profiles/runtime.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';
import { repository } from '../helper-profile.ts';
import { until, WholeHelper } from '../whole-helper.ts';

const place = '/var/lib/uninstalled';
const unused = 'multipass.gone.share-server.0badcafe';
const used = 'multipass.gone.virtiofsd.0badcafe';
const loadedProfiles = async (): Promise<string> => await readFile('/sys/kernel/security/apparmor/profiles', 'utf8');

/**
 * Profiles of share servers that a killed helper left: a start takes away those that nobody runs in, an uninstallation
 * all, and never one that a process runs in.
 */
export async function checkUninstall(): Promise<void> {
  const sleeping = await leaveProfiles();
  await newDenials();
  {
    await using helper = await WholeHelper.start(place);
    (await helper.connect()).close();
    const loaded = await loadedProfiles();
    check('uninstall', 'the start before removed what a dead share server left', !loaded.includes(unused), loaded);
    check('uninstall', 'and left the profile that a process runs in', loaded.includes(`${used} (enforce)`), loaded);
  }
  const denied = (await newDenials()).filter((line) => line.includes('apparmor="DENIED"'));
  check('uninstall', 'looking for that was denied nothing', denied.length === 0, denied.join('\n'));
  const refused = await uninstall();
  check(
    'uninstall',
    'names the profile that a process still runs in',
    refused.includes(`processes still run in the profiles ${used}`),
    refused,
  );
  signalProcess(sleeping.pid, 'SIGKILL');
  await once(sleeping, 'exit');
  const gone = await uninstall();
  const loaded = await loadedProfiles();
  check(
    'uninstall',
    "leaves no profile of its own, not the helper's either",
    gone.includes('are gone') && ![unused, used, helperProfileName].some((name) => loaded.includes(name)),
    `${gone}\n${loaded}`,
  );
}

async function leaveProfiles(): Promise<ChildProcess> {
  const appArmor = new AppArmor(new LocalProcessRunner(), `${place}/state/profiles`);
  for (const name of [unused, used])
    await appArmor.prepare(
      profileText(name, [...runtimeSections(), section('it sleeps', ['/** mr'])]),
      AbortSignal.timeout(60_000),
    );
  const sleeping = spawn('/usr/bin/aa-exec', ['-p', used, '--', '/bin/sleep', '600'], { stdio: 'ignore' });
  await until(async () => (await readFile(`/proc/${sleeping.pid}/attr/apparmor/current`, 'utf8')).startsWith(used));
  return sleeping;
}

async function uninstall(): Promise<string> {
  const main = await realpath(path.join(repository, 'native-helper/main.ts'));
  const args = [
    main,
    '--uninstall',
    '--remove-data',
    '--state-dir',
    `${place}/state`,
    '--run-dir',
    `${place}/run`,
    '--config-dir',
    `${place}/config`,
  ];
  return await promisify(execFile)(process.execPath, args).then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => error.stderr,
  );
}
