// SPDX-License-Identifier: MIT
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppArmor } from '../../../native-helper/confinement/apparmor.ts';
import { helperProfile, helperProfileName } from '../../../native-helper/confinement/profiles/helper.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';

export const repository = path.resolve(import.meta.dirname, '../../..');

/** aa-exec(1) starts a program in a profile, as the service manager does. */
export const enterProfile = ['/usr/bin/aa-exec', '-p', helperProfileName, '--'] as const;

/** Loads the helper's own profile, for a helper whose `state`, `run` and `config` lie in `root`; it goes at the end. */
export async function loadHelperProfile(root: string): Promise<AsyncDisposable> {
  const signal = AbortSignal.timeout(600_000);
  const profiles = path.join(root, 'state/profiles');
  const appArmor = new AppArmor(new LocalProcessRunner(), profiles);
  const application = [await realpath(repository), await realpath(path.join(repository, 'node_modules'))];
  await appArmor.prepare(
    helperProfile({
      node: await realpath(process.execPath),
      application,
      stateDirectory: `${root}/state`,
      runDirectory: `${root}/run`,
      configDirectory: `${root}/config`,
      profilesDirectory: profiles,
    }),
    signal,
  );
  return { [Symbol.asyncDispose]: () => appArmor.remove(helperProfileName, signal) };
}
