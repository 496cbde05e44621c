// SPDX-License-Identifier: MIT
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { storageError } from '../../core/errors.ts';
import type { ManagedProcess, ProcessRunner, ProcessSpec } from '../../core/seams/processes.ts';
import { locateProgram } from '../../process/programs.ts';

export interface KvmAnswer {
  readonly isUsable: boolean;
  readonly reason: string;
}

/** A sound KVM takes a tenth of a second; one that needs seconds is no gain over emulation. */
const limitMs = 5000;
const orphanLimitSeconds = 8;
/** The guest writes 0x10 to isa-debug-exit, of which QEMU makes (0x10 << 1) | 1. */
const successCode = 33;
const nobody = 65534;

/**
 * Runs a guest of half a kilobyte under KVM that does what a kernel does first. That /dev/kvm is
 * there, and even that it opens, says nothing: under some hypervisors guests hang in it.
 */
export async function probeKvm(
  runner: ProcessRunner,
  assetsDirectory: string,
  signal: AbortSignal,
): Promise<KvmAnswer> {
  const gid = await deviceGroup();
  if (gid === undefined) return { isUsable: false, reason: 'this computer has no /dev/kvm' };
  const fault = Promise.withResolvers<'fault'>();
  let printed = '';
  const guest = await startGuest(runner, assetsDirectory, gid, (chunk) => {
    printed = (printed + chunk.toString('latin1')).slice(0, 4000);
    if (printed.includes('KVM internal error')) fault.resolve('fault');
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const stopped = new Promise<'limit'>((resolve) => {
    limit.addEventListener('abort', () => resolve('limit'), { once: true });
  });
  try {
    const outcome = await Promise.race([guest.exited, fault.promise, stopped]);
    signal.throwIfAborted();
    return judge(outcome, firstLines(printed));
  } finally {
    await guest.stop();
  }
}

function judge(outcome: Awaited<ManagedProcess['exited']> | 'fault' | 'limit', printed: string): KvmAnswer {
  if (outcome === 'limit')
    return { isUsable: false, reason: `a test guest under KVM did not get through its start in ${limitMs / 1000} s` };
  if (outcome === 'fault') return { isUsable: false, reason: `a test guest under KVM failed: ${printed}` };
  if (outcome.exitCode === successCode) return { isUsable: true, reason: 'a test guest under KVM ran well' };
  return { isUsable: false, reason: `QEMU could not use KVM: ${printed || `exit code ${outcome.exitCode}`}` };
}

/**
 * As nobody, with the device's own group. The guest comes as a descriptor: nobody may not reach the assets' directory.
 */
async function startGuest(
  runner: ProcessRunner,
  assetsDirectory: string,
  gid: number,
  onStdout: (chunk: Buffer) => void,
): Promise<ManagedProcess> {
  const file = path.join(assetsDirectory, 'launcher', 'kvm-probe.bin');
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw storageError('open', file, error);
  });
  try {
    const spec: ProcessSpec = {
      program: 'sh',
      // QEMU reports a fault of KVM on stderr and then only pauses; timeout(1) ends it even when the helper was killed
      // meanwhile
      args: [
        '-c',
        'exec timeout --kill-after=1 "$@" 2>&1',
        'kvm-probe',
        String(orphanLimitSeconds),
        await locateProgram('qemu-system-x86_64'),
        ...guestArguments,
      ],
      runAs: { uid: nobody, gid },
      // a confined helper's QEMU changes into a profile of its own at exec; it forbids itself to gain rights by
      // -sandbox
      changesProfile: true,
      confinement: 'none-needed', // our own guest of half a kilobyte, as nobody
      passedFds: [handle.fd],
    };
    return await runner.spawn(spec, { onStdout });
  } finally {
    await handle.close();
  }
}

const guestArguments = [
  '-nodefaults',
  '-no-user-config',
  '-display',
  'none',
  '-no-reboot',
  '-sandbox',
  'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
  '-machine',
  'q35',
  '-accel',
  'kvm',
  '-cpu',
  'host',
  '-m',
  '128M',
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=4',
  '-kernel',
  '/proc/self/fd/3',
];

async function deviceGroup(): Promise<number | undefined> {
  try {
    return (await stat('/dev/kvm')).gid;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageError('lookAt', '/dev/kvm', error);
  }
}

function firstLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /KVM|emulation|kvm|denied|failed/.test(line))
    .slice(0, 3)
    .join('; ');
}
