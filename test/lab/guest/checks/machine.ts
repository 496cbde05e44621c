// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { copyFile, open, readFile, readdir, rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { instanceName } from '#contract/names.ts';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import { machineAccess } from '../../../../native-helper/confinement/machine-access.ts';
import { qemuMachineProfile } from '../../../../native-helper/confinement/profiles/qemu-machine.ts';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import { createFixture, log, startMachine, testTaps, type Fixture } from '../../../integration/hypervisor/fixture.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { check, refusal } from '../check.ts';
import { newDenials } from '../denials.ts';
import { QmpProbe } from '../qmp-probe.ts';

const signal = AbortSignal.timeout(600_000);
const execute = promisify(execFile);

/** A machine started by the product's own hypervisor, asked from inside by QMP to touch what it must not. */
export async function checkMachine(): Promise<void> {
  // not in /tmp, which a machine's namespace hides: AppArmor alone has to refuse here
  await using fixture = await createFixture('/var/lib');
  await using undo = new AsyncDisposableStack();
  const machine = await fixture.machine('vm-one');
  const other = await fixture.machine('vm-two');
  const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
  await checkLayers(running.process.pid, await running.confinement());
  running.release(); // QMP takes one client at a time
  {
    using probe = await QmpProbe.connect(machine.qmpSocket);
    await checkAttempts(probe, machine, other);
    await checkHotPlug(fixture, probe, machine, other);
  }
  signalProcess(running.process.pid, 'SIGKILL');
  await running.kill();
  await fixture.hypervisor.cleanUp(machine);
  check(
    'machine',
    'leaves no profile after its end',
    !(await readFile('/sys/kernel/security/apparmor/profiles', 'utf8')).includes('vm-one'),
  );
  check(
    'machine',
    'leaves no cgroup after its end',
    (await readdir('/sys/fs/cgroup/berth.slice', { withFileTypes: true })).every((entry) => !entry.isDirectory()),
  );
  await checkMemory(fixture);
  await checkFailsClosed(fixture);
  await checkAsRoot(fixture, other);
}

async function checkLayers(
  pid: number,
  layers: readonly { readonly layer: string; readonly state: string; readonly evidence: string }[],
): Promise<void> {
  const label = (await readFile(`/proc/${pid}/attr/apparmor/current`, 'utf8')).trim();
  check('machine', 'runs in its profile, enforcing', label === 'multipass.vm-one.qemu-system-x86_64 (enforce)', label);
  for (const { layer, state, evidence } of layers) check('machine', `layer ${layer} is on`, state === 'on', evidence);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  check('machine', 'cannot gain privileges', /^NoNewPrivs:\t1$/m.test(status));
  check('machine', 'was denied nothing at its start', (await newDenials()).length === 0, 'see dmesg.txt');
}

/** The same user for both disks, so that only AppArmor stands between. */
async function checkAttempts(probe: QmpProbe, machine: MachineSpec, other: MachineSpec): Promise<void> {
  await execute('chown', [String(machine.owner.uid), other.disks[0]!.path]);
  const denied = async (name: string, file: string, isReadOnly = false): Promise<void> => {
    const answer = await probe.openFile(file, isReadOnly);
    check('attempt', name, /Permission denied|Could not open|No such file/.test(answer), answer);
  };
  await denied("another machine's disk", other.disks[0]!.path);
  await denied("another machine's disk, read-only", other.disks[0]!.path, true);
  const lines = await newDenials();
  check(
    'attempt',
    "the kernel's log names profile and file",
    lines.some(
      (line) => line.includes('profile="multipass.vm-one.qemu-system-x86_64"') && line.includes(other.disks[0]!.path),
    ),
    lines.join('\n'),
  );
  await denied('its own backing file for writing', machine.disks[0]!.backingPaths[0] ?? '');
  check(
    'attempt',
    'its own backing file for reading is allowed',
    (await probe.openFile(machine.disks[0]!.backingPaths[0] ?? '', true)) === 'opened',
  );
  for (const file of ['/etc/passwd', '/etc/shadow', '/etc/hostname', '/proc/1/environ', '/usr/bin/dash'])
    await denied(file, file, true);
  for (const device of ['/dev/vda', '/dev/mem', '/dev/kvm', '/dev/fuse']) await denied(device, device, true);
  const inet = await probe.run('chardev-add', {
    id: 'inet',
    backend: {
      type: 'socket',
      data: { addr: { type: 'inet', data: { host: '127.0.0.1', port: '9999' } }, server: true, wait: false },
    },
  });
  check('attempt', 'an internet socket', inet !== 'done', inet);
  for (const socket of ['/run/lab-victim.sock', '/tmp/lab-victim.sock']) {
    const answer = await probe.run('chardev-add', {
      id: `unix${socket.length}`,
      backend: { type: 'socket', data: { addr: { type: 'unix', data: { path: socket } }, server: false } },
    });
    check('attempt', `another unix socket ${socket}`, answer !== 'done', answer);
  }
}

/** A disk that comes gets its rule before, and the rule goes after it. */
async function checkHotPlug(
  fixture: Fixture,
  probe: QmpProbe,
  machine: MachineSpec,
  other: MachineSpec,
): Promise<void> {
  const appArmor = new AppArmor(new LocalProcessRunner(), fixture.files.profiles);
  const access = machineAccess(machine, '/usr/bin/qemu-system-x86_64', []);
  await appArmor.prepare(
    qemuMachineProfile({
      ...access,
      files: [...access.files, { path: other.disks[0]!.path, mode: 'rw', purpose: 'disk' }],
    }),
    signal,
  );
  const plugged = await probe.openFile(other.disks[0]!.path, true, 'hot');
  check('hot-plug', 'the profile is replaced while QEMU runs, and the new disk opens', plugged === 'opened', plugged);
  check('hot-plug', 'it is closed', (await probe.run('blockdev-del', { 'node-name': 'hot' })) === 'done');
  await appArmor.prepare(qemuMachineProfile(access), signal);
  const again = await probe.openFile(other.disks[0]!.path, true, 'hot');
  check(
    'hot-plug',
    'and cannot be opened again once the rule is withdrawn',
    again.includes('Permission denied'),
    again,
  );
  await newDenials();
}

/** Memory goes to a file and comes from it by descriptors, which the profile judges by the file's name. */
async function checkMemory(fixture: Fixture): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const { memory: loadPath, memoryPart: savePath } = fixture.files.instance(instanceName.parse('vm-put-away'));
  const machine = await fixture.machine('vm-put-away', { memory: { savePath } });
  const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
  await running.hold(signal);
  {
    await using file = await open(savePath, 'wx', 0o600);
    const saved = await refusal(() => running.saveMemory(file.fd, signal));
    check('memory', 'is written to a file that is handed over', saved === 'allowed', saved);
  }
  const elsewhere = await open(`${fixture.root}/elsewhere`, 'wx', 0o600);
  const refused = await refusal(() => running.saveMemory(elsewhere.fd, signal));
  check('memory', 'is not written to a file of another name', refused !== 'allowed', refused);
  await elsewhere.close();
  await newDenials();
  await running.kill();
  await fixture.hypervisor.cleanUp(machine);
  await rename(savePath, loadPath);
  await using saved = await open(loadPath, 'r');
  let hasGoneOn = false;
  const memory = {
    descriptor: saved.fd,
    requireVersion: () => undefined,
    goesOn: async () => undefined,
    wentOn: () => {
      hasGoneOn = true;
    },
  };
  const loading = { ...machine, memory: { savePath, loadPath } };
  const next = await startMachine(fixture.hypervisor, loading, testTaps(machine), { signal, log, undo, memory });
  check('memory', 'goes on in another process', hasGoneOn && (await next.status(signal)) === 'running');
  const denials = await newDenials();
  check('memory', 'and nothing was denied', denials.length === 0, denials.join('\n'));
  await next.kill();
  await fixture.hypervisor.cleanUp(machine);
}

async function checkFailsClosed(fixture: Fixture): Promise<void> {
  await using undo = new AsyncDisposableStack();
  const machine = await fixture.machine('vm-three');
  const broken = { ...machine, cdrom: { ...machine.cdrom, path: `${machine.cdrom.path}\\` } };
  await copyFile(machine.cdrom.path, broken.cdrom.path);
  const outcome = await refusal(() =>
    startMachine(fixture.hypervisor, broken, testTaps(machine), { signal, log, undo }),
  );
  check(
    'fail closed',
    'a profile that cannot be written is no start',
    outcome.includes('cannot be written in a profile'),
    outcome,
  );
  const { stdout } = await execute('ps', ['-eo', 'args']);
  check('fail closed', 'and no process', !stdout.includes(machine.disks[0]!.path));
}

/**
 * QEMU as root with every capability, in the profile alone: what the other layers would have caught is caught here too.
 */
async function checkAsRoot(fixture: Fixture, other: MachineSpec): Promise<void> {
  const machine = await fixture.machine('vm-root');
  const appArmor = new AppArmor(new LocalProcessRunner(), fixture.files.profiles);
  const profile = await appArmor.prepare(
    qemuMachineProfile(machineAccess(machine, '/usr/bin/qemu-system-x86_64', [])),
    signal,
  );
  const runner = new LocalProcessRunner();
  const child = await runner.converse({
    program: 'qemu-system-x86_64',
    confinement: { profile },
    args: [
      '-nodefaults',
      '-no-user-config',
      '-machine',
      'q35,accel=tcg',
      '-m',
      '64',
      '-display',
      'none',
      '-S',
      '-qmp',
      'stdio',
    ],
  });
  try {
    using probe = await QmpProbe.over(child.stdin, child.stdout);
    const status = await readFile(`/proc/${child.ref.pid}/status`, 'utf8');
    check(
      'as root',
      'QEMU runs as root with capabilities',
      /^Uid:\t0\t0/m.test(status) && !/^CapEff:\t0+$/m.test(status),
    );
    for (const file of [
      other.disks[0]!.path,
      '/etc/shadow',
      '/etc/passwd',
      '/root/.bashrc',
      '/dev/mem',
      '/proc/1/environ',
      '/sys/kernel/security/apparmor/.replace',
    ]) {
      const answer = await probe.openFile(file, true);
      check('as root', `${file} stays closed`, answer !== 'opened', answer);
    }
    const lines = await newDenials();
    check(
      'as root',
      "each is in the kernel's log",
      ['/etc/shadow', '/proc/1/environ', '/dev/mem'].every((file) =>
        lines.some((line) => line.includes(`name="${file}"`)),
      ),
      lines.join('\n'),
    );
    const exec = await probe.run('migrate', { uri: 'exec:cat > /tmp/escaped' });
    check(
      'as root',
      'nothing can be executed',
      (await newDenials()).some((line) => line.includes('operation="exec"')) || exec !== 'done',
      exec,
    );
  } finally {
    await child.stop();
    await appArmor.remove(profile ?? '', signal);
  }
}
