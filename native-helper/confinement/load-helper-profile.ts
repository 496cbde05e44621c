// SPDX-License-Identifier: MIT
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { AppArmor } from './apparmor.ts';
import { helperProfile } from './profiles/helper.ts';

interface Options {
  readonly runner: ProcessRunner;
  readonly files: { readonly stateDirectory: string; readonly runDirectory: string; readonly profiles: string };
  readonly configDirectory: string;
  readonly assetsDirectory: string;
}

/**
 * Loads the helper's own profile, for the service manager to start the helper in: a process cannot enter a profile
 * with all of its threads. Undefined where the kernel has no AppArmor.
 */
export async function loadHelperProfile(
  { runner, files, configDirectory, assetsDirectory }: Options,
  signal: AbortSignal,
): Promise<string | undefined> {
  const application = path.dirname(assetsDirectory);
  // a bundle has its own inside
  const modules = await realpath(path.join(application, 'node_modules')).catch(() => undefined);
  return await new AppArmor(runner, files.profiles).prepare(
    helperProfile({
      node: await realpath(process.execPath),
      application: [await realpath(application), ...(modules === undefined ? [] : [modules])],
      stateDirectory: files.stateDirectory,
      runDirectory: files.runDirectory,
      configDirectory,
      profilesDirectory: files.profiles,
    }),
    signal,
  );
}
