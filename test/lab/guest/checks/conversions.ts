// SPDX-License-Identifier: MIT
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { qemuImgProfile } from '../../../../native-helper/confinement/profiles/qemu-img.ts';
import { endOrphans } from '../../../../native-helper/images/convert/end-orphans.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { check, refusal } from '../check.ts';
import { newDenials } from '../denials.ts';

const room = '/var/lib/lab-convert';
const nobody = { uid: 65_534, gid: 65_534 };
const limits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 600, fileBytes: 1024 ** 3 };

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
  const profile = await appArmor.prepare(
    qemuImgProfile({
      id: 'lab',
      program: '/usr/bin/qemu-img',
      inputs: [`${room}/source`],
      outputs: [`${room}/converted`],
    }),
    signal,
  );
  const run = (...args: string[]): Promise<string> =>
    refusal(() =>
      runner.run(
        { program: 'qemu-img', args, runAs: nobody, endsWithHelper: true, cwd: room, confinement: { profile, limits } },
        { signal, timeoutMs: 60_000 },
      ),
    );
  await newDenials();
  const converted = await run(
    'convert',
    '-p',
    '--image-opts',
    `driver=qcow2,file.driver=file,file.filename=${room}/source`,
    '-O',
    'qcow2',
    `${room}/converted`,
  );
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
  check(
    'conversion',
    "the refusals are in the kernel's log",
    (await newDenials()).some((line) => line.includes('multipass.lab.qemu-img') && line.includes('/tmp/secret')),
  );
  const label = await runner
    .run(
      {
        program: 'qemu-img',
        args: ['--version'],
        runAs: nobody,
        confinement: { profile: 'multipass.absent.qemu-img' },
      },
      { signal },
    )
    .then(
      () => 'ran',
      () => 'refused',
    );
  check('conversion', 'does not run at all where its profile is not loaded', label === 'refused', label);
  await appArmor.remove('multipass.lab.qemu-img', signal);
  const left = await leaveOrphan(appArmor, signal);
  await endOrphans(appArmor, signal);
  check(
    'conversion',
    'is ended by the next helper when its own was killed',
    left !== undefined && (await programOf(left)) === '',
    left,
  );
  check(
    'conversion',
    'leaves no profile then',
    !(await readFile('/sys/kernel/security/apparmor/profiles', 'utf8')).includes('multipass.import-'),
  );
}

/** A parent of its own starts a qemu-img that would go on for hours, and is killed. The pid, when it does go on. */
async function leaveOrphan(appArmor: AppArmor, signal: AbortSignal): Promise<string | undefined> {
  const profile = await appArmor.prepare(
    qemuImgProfile({ id: 'import-0badcafe', program: '/usr/bin/qemu-img', inputs: [`${room}/source`], outputs: [] }),
    signal,
  );
  const spec = {
    program: 'qemu-img',
    args: ['bench', '-c', '2000000000', '-f', 'qcow2', `${room}/source`],
    runAs: nobody,
    endsWithHelper: true,
    cwd: room,
    confinement: { profile, limits },
  };
  const script = `import { LocalProcessRunner } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../../../native-helper/process/runner.ts'))};
    const { ref } = await new LocalProcessRunner().spawn(${JSON.stringify(spec)});
    process.stdout.write(String(ref.pid));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(parent, 'exit');
  const [told] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = told.toString();
  for (let tries = 0; tries < 200 && (await programOf(pid)) !== 'qemu-img'; tries += 1)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  parent.kill('SIGKILL');
  await exited;
  return (await programOf(pid)) === 'qemu-img' ? pid : undefined;
}

/** A process that is gone, or dead and not yet noticed, has none. */
async function programOf(pid: string): Promise<string> {
  return path.basename((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')[0] ?? '');
}
