// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { AccessMode } from '#contract/security.ts';
import { givenFiles } from '../../native-helper/confinement/grants/given-files.ts';
import { resolveGrant } from '../../native-helper/confinement/grants/resolve-grant.ts';
import { launchSpec } from '../../native-helper/confinement/launcher.ts';
import { machineAccess, type FileAccess } from '../../native-helper/confinement/machine-access.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import type { Actor } from '../../native-helper/core/seams/operation.ts';
import type { ProcessSpec } from '../../native-helper/core/seams/processes.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { spec } from '../unit/hypervisor/spec.ts';

const runner = new LocalProcessRunner();

interface GivenFile {
  readonly path: string;
  readonly mode: AccessMode;
  readonly giver: Actor;
}

/** What a machine has of a file that somebody gives it. */
export async function givenFile({ path: file, mode, giver }: GivenFile, signal: AbortSignal): Promise<FileAccess> {
  const found = await resolveGrant({ path: file, mode }, giver, {
    runner,
    assetsDirectory,
    ownDirectories: [],
    signal,
  });
  return {
    path: file,
    mode,
    purpose: 'granted',
    given: { grantedBy: giver.uid, ...(found.file && { file: found.file }) },
  };
}

/**
 * A shell in QEMU's place, behind the real launcher, whose script has the path of a given file as its argument.
 * @param place a directory with the files `log` and `console`, which are root's
 */
export async function readerOf(
  file: FileAccess,
  script: string,
  { place, signal }: { readonly place: string; readonly signal: AbortSignal },
): Promise<ProcessSpec> {
  const access = {
    ...machineAccess(spec, '/bin/sh', []),
    files: [file],
    log: path.join(place, 'log'),
    consoleLog: path.join(place, 'console'),
  };
  const given = await givenFiles(spec.instance, access.files, { runner, assetsDirectory, signal });
  return await launchSpec({
    access,
    given,
    args: ['-c', script, 'reads', file.path],
    profile: undefined,
    cgroups: [],
    devices: [],
    groups: [],
    hasMountNamespace: true,
    env: {},
    passedFds: [],
    assetsDirectory,
  });
}
