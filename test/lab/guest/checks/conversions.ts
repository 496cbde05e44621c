// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { qemuImgProfile } from '../../../../native-helper/confinement/profiles/qemu-img.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { check, refusal } from '../check.ts';
import { newDenials } from '../denials.ts';

const room = '/var/lib/lab-convert';
const nobody = { uid: 65_534, gid: 65_534 };
const limits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 600 };

/** qemu-img under its profile, as the import runs it: one input, one output. */
export async function checkConversions(): Promise<void> {
  const runner = new LocalProcessRunner();
  const appArmor = new AppArmor(runner, '/var/lib/lab-profiles');
  const signal = AbortSignal.timeout(600_000);
  await mkdir(room);
  await chown(room, nobody.uid, nobody.gid);
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', `${room}/source`, '4M']);
  await promisify(execFile)('chown', ['-R', '65534:65534', room]);
  await writeFile('/tmp/secret', 'secret', { mode: 0o644 });
  const profile = await appArmor.prepare(qemuImgProfile({ id: 'lab', program: '/usr/bin/qemu-img', inputs: [`${room}/source`], outputs: [`${room}/converted`] }), signal);
  const run = (...args: string[]): Promise<string> => refusal(() => runner.run({ program: 'qemu-img', args, runAs: nobody, cwd: room, confinement: { profile, limits } }, { signal, timeoutMs: 60_000 }));
  await newDenials();
  const converted = await run('convert', '-p', '--image-opts', `driver=qcow2,file.driver=file,file.filename=${room}/source`, '-O', 'qcow2', `${room}/converted`);
  check('conversion', 'converts its input into its output', converted === 'allowed', converted);
  check('conversion', 'is denied nothing in that', (await newDenials()).length === 0);
  for (const [name, args] of [
    ['another output', ['convert', '-O', 'qcow2', `${room}/source`, `${room}/other`]],
    ['a change of its input', ['resize', `${room}/source`, '8M']],
    ['a file that everybody may read', ['info', '-f', 'raw', '/tmp/secret']],
    ['/etc/passwd', ['info', '-f', 'raw', '/etc/passwd']],
    ['a network block device', ['info', 'nbd://127.0.0.1:10809/x']],
  ] as const) {
    const answer = await run(...args);
    check('conversion', `is refused ${name}`, answer !== 'allowed', answer);
  }
  check('conversion', 'the refusals are in the kernel\'s log', (await newDenials()).some((line) => line.includes('multipass.lab.qemu-img') && line.includes('/tmp/secret')));
  const label = await runner.run({ program: 'qemu-img', args: ['--version'], runAs: nobody, confinement: { profile: 'multipass.absent.qemu-img' } }, { signal }).then(() => 'ran', () => 'refused');
  check('conversion', 'does not run at all where its profile is not loaded', label === 'refused', label);
  await appArmor.remove('multipass.lab.qemu-img', signal);
}
