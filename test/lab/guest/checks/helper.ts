// SPDX-License-Identifier: MIT
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectHelper } from '../../../../client/connect-helper.ts';
import type { HelperConnection } from '../../../../client/helper-connection.ts';
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
/** aa-exec(1) starts a program in a profile, as the service manager does. */
const enterProfile = '/usr/bin/aa-exec';
const waitTries = 300;
const waitGapMs = 200;

/** The helper's code in the helper's own profile: it starts a machine, and can do no more to AppArmor than its parser. */
export async function checkHelper(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  const machine = await fixture.machine('vm-helper');
  const signal = AbortSignal.timeout(600_000);
  const appArmor = new AppArmor(new LocalProcessRunner(), '/var/lib/lab-profiles');
  const application = [await realpath(repository), await realpath(path.join(repository, 'node_modules'))];
  await appArmor.prepare(helperProfile({
    node: await realpath(process.execPath), application, stateDirectory: `${fixture.root}/state`, runDirectory: `${fixture.root}/run`, configDirectory: `${fixture.root}/config`, profilesDirectory: fixture.files.profiles,
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
  await checkWholeHelper();
}

/** The helper as the service starts it: profile loaded by itself, entered at exec; it serves, makes the network, launches, gives a file and purges. */
async function checkWholeHelper(): Promise<void> {
  const place = '/var/lib/whole';
  const home = '/home/mia';
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(`${home}/disc.iso`, Buffer.alloc(4096), { mode: 0o600 });
  const node = await realpath(process.execPath);
  const args = [await realpath(path.join(repository, 'native-helper/main.ts')), '--state-dir', `${place}/state`, '--run-dir', `${place}/run`, '--config-dir', `${place}/config`, '--group', 'root', '--accelerator', 'tcg'];
  const { stdout } = await execute(node, [...args, '--load-profile']);
  check('whole helper', 'loads its own profile', stdout.includes('profile berth-helper is loaded'), stdout);
  await newDenials();
  const child = spawn(enterProfile, ['-p', helperProfileName, '--', node, ...args, '--seed-images', await realpath(path.join(repository, '.cache/images'))], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  try {
    const connection = await connected(`${place}/run`);
    const { confinement } = await connection.request('system.info', {});
    check('whole helper', 'serves, with AppArmor for its machines', confinement?.model === 'apparmor', confinement);
    const { operationId } = await connection.request('instances.launch', { image: 'tiny' as never, name: 'whole' as never, cpus: 1, memoryBytes: 256 * 2 ** 20 });
    const isUp = await until(async () => (await connection.request('instances.info', { name: 'whole' as never })).pid !== undefined);
    const security = await connection.request('instances.security', { name: 'whole' as never });
    check('whole helper', 'launches a machine into its profile', isUp && security.label === 'multipass.whole.qemu-system-x86_64' && security.labelMode === 'enforce', `${JSON.stringify(security.label)} ${printed.slice(-1500)}`);
    check('whole helper', 'all layers are on', security.layers.every(({ state }) => state === 'on'), security.layers);
    const given = await connection.request('instances.grant', { name: 'whole' as never, path: `${home}/disc.iso`, mode: 'r' });
    check('whole helper', 'gives a file to it while it runs', given.access.some(({ what }) => what === `${home}/disc.iso`), given.settings.grants);
    const complaining = await connection.request('instances.set-security', { name: 'whole' as never, mode: 'complain' });
    check('whole helper', 'switches it to complain mode', complaining.labelMode === 'complain', complaining.labelMode);
    await connection.request('operations.cancel', { id: operationId });
    const ended = await connection.request('operations.wait', { id: operationId });
    const left = await connection.request('instances.list', {});
    check('whole helper', 'takes a cancelled launch away', ended.state === 'cancelled' && left.length === 0, { state: ended.state, error: ended.error, left });
    connection.close();
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  const denied = (await newDenials()).filter((line) => line.includes('apparmor="DENIED"'));
  check('whole helper', 'was denied nothing in all that', denied.length === 0, denied.join('\n'));
}

async function connected(runDirectory: string): Promise<HelperConnection> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await connectHelper({ runDirectory, clientName: 'lab' });
    } catch (error) {
      if (tries === waitTries) throw error;
      await delay(waitGapMs);
    }
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 1; tries < waitTries; tries += 1) {
    if (await isTrue().catch(() => false)) return true; // not there yet
    await delay(waitGapMs);
  }
  return false;
}
