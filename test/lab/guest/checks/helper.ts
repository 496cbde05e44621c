// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { helperProfileName } from '../../../../native-helper/confinement/profiles/helper.ts';
import type { ProcessRef } from '../../../../native-helper/core/seams/processes.ts';
import { createFixture } from '../../../integration/hypervisor/fixture.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { check } from '../check.ts';
import { newDenials } from '../denials.ts';
import { loadHelperProfile, repository } from '../helper-profile.ts';
import { until, WholeHelper } from '../whole-helper.ts';

const execute = promisify(execFile);

/**
 * The helper's code in the helper's own profile: it starts a machine, and can do no more to AppArmor than its parser.
 */
export async function checkHelper(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  const machine = await fixture.machine('vm-helper');
  const profile = await loadHelperProfile(fixture.root);
  await newDenials();

  const inside = (...command: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
    execute('aa-exec', ['-p', helperProfileName, '--', ...command], { maxBuffer: 2 ** 24 }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
  const script = path.join(await realpath(repository), 'test/integration/hypervisor/start-and-exit.ts');
  const started = await inside(
    await realpath(process.execPath),
    script,
    JSON.stringify({ root: fixture.root, machine }),
  );
  const ref = started.stdout.startsWith('{') ? (JSON.parse(started.stdout) as ProcessRef) : undefined;
  const denials = await newDenials();
  check(
    'helper',
    'starts a machine from within its own profile',
    ref !== undefined,
    `${started.stdout}${started.stderr}\n${denials.join('\n')}`,
  );
  if (ref !== undefined) {
    const label = (await readFile(`/proc/${ref.pid}/attr/apparmor/current`, 'utf8')).trim();
    check(
      'helper',
      "the machine is in the machine's profile",
      label === 'multipass.vm-helper.qemu-system-x86_64 (enforce)',
      label,
    );
    signalProcess(ref.pid, 'SIGKILL');
  }
  const record = await execute('aa-exec', [
    '-p',
    helperProfileName,
    '--',
    '/bin/dd',
    'if=/dev/kmsg',
    'of=/dev/null',
    'bs=8192',
    'count=1',
  ]).then(
    () => 'read',
    (error: { stderr: string }) => error.stderr,
  );
  check('helper', "reads the kernel's log", record === 'read', record);
  for (const [name, command] of [
    ['loads no policy itself', 'echo x > /sys/kernel/security/apparmor/.replace'],
    ['removes none', 'echo -n multipass.vm-helper.qemu-system-x86_64 > /sys/kernel/security/apparmor/.remove'],
    ['reads no home', 'cat /root/.bashrc'],
    ['reads no shadow file', 'cat /etc/shadow'],
    ['runs no program of no use to it', 'exec /usr/bin/perl -e 1'],
    [
      'enters no profile that is not ours',
      'echo "exec unconfined" > /proc/self/attr/apparmor/exec && exec cat /proc/self/attr/apparmor/current',
    ],
  ] as const) {
    const result = await execute('aa-exec', ['-p', helperProfileName, '--', '/bin/sh', '-c', command]).then(
      ({ stdout }) => `allowed ${stdout}`,
      (error: { stderr: string }) => error.stderr,
    );
    check('helper', name, !result.startsWith('allowed'), result);
  }
  await profile[Symbol.asyncDispose]();
  await checkWholeHelper();
}

/** It serves, makes the network, launches, gives a file and purges. */
async function checkWholeHelper(): Promise<void> {
  const home = '/home/mia';
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(`${home}/disc.iso`, Buffer.alloc(4096), { mode: 0o600 });
  await newDenials();
  {
    await using helper = await WholeHelper.start('/var/lib/whole');
    check(
      'whole helper',
      'loads its own profile',
      helper.loaded.includes('profile berth-helper is loaded'),
      helper.loaded,
    );
    const connection = await helper.connect();
    const { confinement } = await connection.request('system.info', {});
    check('whole helper', 'serves, with AppArmor for its machines', confinement?.model === 'apparmor', confinement);
    const { operationId } = await connection.request('instances.launch', {
      image: 'tiny' as never,
      name: 'whole' as never,
      cpus: 1,
      memoryBytes: 256 * 2 ** 20,
    });
    const isUp = await until(
      async () => (await connection.request('instances.info', { name: 'whole' as never })).pid !== undefined,
    );
    const security = await connection.request('instances.security', { name: 'whole' as never });
    check(
      'whole helper',
      'launches a machine into its profile',
      isUp && security.label === 'multipass.whole.qemu-system-x86_64' && security.labelMode === 'enforce',
      `${JSON.stringify(security.label)} ${helper.printed.slice(-1500)}`,
    );
    check(
      'whole helper',
      'all layers are on',
      security.layers.every(({ state }) => state === 'on'),
      security.layers,
    );
    const given = await connection.request('instances.grant', {
      name: 'whole' as never,
      path: `${home}/disc.iso`,
      mode: 'r',
    });
    check(
      'whole helper',
      'gives a file to it while it runs',
      given.access.some(({ what }) => what === `${home}/disc.iso`),
      given.settings.grants,
    );
    const complaining = await connection.request('instances.set-security', {
      name: 'whole' as never,
      mode: 'complain',
    });
    check('whole helper', 'switches it to complain mode', complaining.labelMode === 'complain', complaining.labelMode);
    await connection.request('operations.cancel', { id: operationId });
    const ended = await connection.request('operations.wait', { id: operationId });
    const left = await connection.request('instances.list', {});
    check('whole helper', 'takes a cancelled launch away', ended.state === 'cancelled' && left.length === 0, {
      state: ended.state,
      error: ended.error,
      left,
    });
    connection.close();
  }
  const denied = (await newDenials()).filter((line) => line.includes('apparmor="DENIED"'));
  check('whole helper', 'was denied nothing in all that', denied.length === 0, denied.join('\n'));
}
