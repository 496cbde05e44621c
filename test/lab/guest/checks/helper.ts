// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { helperProfile, helperProfileName } from '../../../../native-helper/confinement/profiles/helper.ts';
import type { ProcessRef } from '../../../../native-helper/core/ports.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { createFixture } from '../../../integration/hypervisor/fixture.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';

const repository = path.resolve(import.meta.dirname, '../../../..');
const execute = promisify(execFile);

/** The helper's code in the helper's own profile: it starts a machine, and can do no more to AppArmor than its parser. */
export async function checkHelper(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  const machine = await fixture.machine('vm-helper');
  const signal = AbortSignal.timeout(600_000);
  const appArmor = new AppArmor(new LocalProcessRunner(), '/var/lib/lab-profiles');
  const application = [await realpath(repository), await realpath(path.join(repository, 'node_modules'))];
  await appArmor.prepare(helperProfile({
    node: await realpath(process.execPath), application, stateDirectory: `${fixture.root}/state`, runDirectory: `${fixture.root}/run`, profilesDirectory: fixture.files.profiles,
  }), signal);
  await newDenials();

  const inside = (...command: readonly string[]): Promise<{ stdout: string; stderr: string }> => execute('aa-exec', ['-p', helperProfileName, '--', ...command], { maxBuffer: 2 ** 24 }).catch((error: { stdout: string; stderr: string }) => error);
  const script = path.join(await realpath(repository), 'test/integration/hypervisor/start-and-exit.ts');
  const started = await inside(await realpath(process.execPath), script, JSON.stringify({ root: fixture.root, machine }));
  const ref = started.stdout.startsWith('{') ? (JSON.parse(started.stdout) as ProcessRef) : undefined;
  const denials = await newDenials();
  check('helper', 'starts a machine from within its own profile', ref !== undefined, `${started.stdout}${started.stderr}\n${denials.join('\n')}`);
  if (ref !== undefined) {
    const label = (await readFile(`/proc/${ref.pid}/attr/apparmor/current`, 'utf8')).trim();
    check('helper', 'the machine is in the machine\'s profile', label === 'multipass.vm-helper.qemu-system-x86_64 (enforce)', label);
    signalProcess(ref.pid, 'SIGKILL');
  }
  const record = await execute('aa-exec', ['-p', helperProfileName, '--', '/bin/dd', 'if=/dev/kmsg', 'of=/dev/null', 'bs=8192', 'count=1']).then(() => 'read', (error: { stderr: string }) => error.stderr);
  check('helper', 'reads the kernel\'s log', record === 'read', record);
  for (const [name, command] of [
    ['loads no policy itself', 'echo x > /sys/kernel/security/apparmor/.replace'], ['removes none', 'echo -n multipass.vm-helper.qemu-system-x86_64 > /sys/kernel/security/apparmor/.remove'],
    ['reads no home', 'cat /root/.bashrc'], ['reads no shadow file', 'cat /etc/shadow'], ['runs no program of no use to it', 'exec /usr/bin/perl -e 1'], ['enters no profile that is not ours', 'echo "exec unconfined" > /proc/self/attr/apparmor/exec && exec cat /proc/self/attr/apparmor/current'],
  ] as const) {
    const result = await execute('aa-exec', ['-p', helperProfileName, '--', '/bin/sh', '-c', command]).then(({ stdout }) => `allowed ${stdout}`, (error: { stderr: string }) => error.stderr);
    check('helper', name, !result.startsWith('allowed'), result);
  }
  await appArmor.remove(helperProfileName, signal);
}
