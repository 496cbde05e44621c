// SPDX-License-Identifier: MIT
import type { Credentials, ProcessLimits, ProcessSpec } from '../core/seams/processes.ts';
import { locateProgram } from './programs.ts';

/**
 * Writes the profile's name where the kernel takes it for the next exec, then becomes the program: the
 * profile needs no right for anything before. From Node it would stick to every later child.
 */
const enterProfile = `set -eu
profile=$1
shift
file=/proc/self/attr/apparmor/exec
[ -e "$file" ] || file=/proc/self/attr/exec
printf "exec %s" "$profile" > "$file" || exit 98
exec "$@"`;

/** The command line of a process with its limits, its user and its profile around it; fails closed at each. */
export async function confinedCommand(spec: ProcessSpec): Promise<string[]> {
  const { runAs, becomes } = spec;
  const { profile, limits } = typeof spec.confinement === 'string' ? {} : spec.confinement;
  const own = [await locateProgram(spec.program), ...spec.args];
  const profiled =
    profile === undefined ? own : [await locateProgram('sh'), '-c', enterProfile, 'enter-profile', profile, ...own];
  // the kernel refuses a change of profile after no_new_privs to a helper that is confined itself; the profile gives no
  // way to gain any
  const rights =
    becomes !== undefined
      ? onlyToBecome(profile === undefined)
      : runAs !== undefined
        ? dropTo(runAs, profile === undefined && spec.changesProfile !== true)
        : [];
  const options = [...(spec.endsWithHelper === true ? ['--pdeathsig=KILL'] : []), ...rights];
  const dropped = options.length === 0 ? profiled : [await locateProgram('setpriv'), ...options, '--', ...profiled];
  return limits === undefined ? dropped : [await locateProgram('prlimit'), ...limitOptions(limits), '--', ...dropped];
}

/** setpriv(1) arguments for an identity without supplementary groups, capabilities or a way to regain any. */
function dropTo({ uid, gid }: Credentials, mayNotGain: boolean): string[] {
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--bounding-set=-all',
    ...(mayNotGain ? ['--no-new-privs'] : []),
  ];
}

/**
 * setpriv(1) arguments for root with no rights but to read its own program, wherever that lies, and to become another
 * user.
 */
function onlyToBecome(mayNotGain: boolean): string[] {
  return [
    '--clear-groups',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--bounding-set=-all,+setuid,+setgid,+dac_read_search',
    ...(mayNotGain ? ['--no-new-privs'] : []),
  ];
}

/** prlimit(1) arguments. */
function limitOptions({ memoryBytes, dataBytes, cpuSeconds, fileBytes, openFiles, threads }: ProcessLimits): string[] {
  const limits = {
    as: memoryBytes,
    data: dataBytes,
    cpu: cpuSeconds,
    fsize: fileBytes,
    nofile: openFiles,
    nproc: threads,
    core: 0,
  };
  return Object.entries(limits).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}
