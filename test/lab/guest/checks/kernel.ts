// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { AppArmor, isAppArmorEnforced } from '../../../../native-helper/confinement/apparmor.ts';
import { DeviceControl } from '../../../../native-helper/confinement/cgroups/device-control.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { sampleProfiles } from '../../../support/apparmor/sample-profiles.ts';
import { check, refusal } from '../check.ts';

/** The kernel enforces, and takes every kind of profile that Berth makes. */
export async function checkKernel(): Promise<void> {
  const appArmor = new AppArmor(new LocalProcessRunner(), '/var/lib/lab-profiles');
  const signal = AbortSignal.timeout(600_000);
  check(
    'kernel',
    'has AppArmor in force',
    (await readFile('/sys/kernel/security/lsm', 'utf8')).includes('apparmor') && (await isAppArmorEnforced()),
    await readFile('/proc/version', 'utf8'),
  );
  check('kernel', 'has device programs', DeviceControl.isAvailable('/sys/fs/cgroup'));
  for (const [kind, profile] of Object.entries(sampleProfiles)) {
    const refused = await refusal(() => appArmor.prepare(profile, signal));
    check(
      'kernel',
      `takes the profile of ${kind}`,
      refused === 'allowed' && (await loaded()).includes(`${profile.name} (enforce)`),
      refused,
    );
  }
  for (const profile of Object.values(sampleProfiles)) await appArmor.remove(profile.name, signal);
  check(
    'kernel',
    'has none of them after their removal',
    !(await loaded()).some((line) => /multipass|berth/.test(line)),
    await loaded(),
  );
  check(
    'kernel',
    'takes the removal of one that is not loaded as done',
    (await refusal(() => appArmor.remove('multipass.never.qemu-img', signal))) === 'allowed',
  );
}

async function loaded(): Promise<string[]> {
  return (await readFile('/sys/kernel/security/apparmor/profiles', 'utf8')).trim().split('\n');
}
