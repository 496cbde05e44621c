// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { AccessGrant } from '#contract/security.ts';
import type { RunningMachine } from '../../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import { machineSecurity } from '../../../../native-helper/instances/security/machine-settings.ts';
import { strictSettings } from '../../../../native-helper/instances/security/security-settings.ts';
import {
  createFixture,
  log,
  noHardware,
  startMachine,
  testTaps,
  type Fixture,
} from '../../../integration/hypervisor/fixture.ts';
import { check, refusal } from '../check.ts';
import { newDenials } from '../denials.ts';
import { QmpProbe } from '../qmp-probe.ts';

const execute = promisify(execFile);
const signal = AbortSignal.timeout(600_000);
const at = { grantedBy: 0, grantedAt: '2026-01-01T00:00:00.000Z' } as const;

interface Lab {
  readonly fixture: Fixture;
  readonly machine: MachineSpec;
  readonly running: RunningMachine;
  readonly probe: QmpProbe;
}

/**
 * Files, devices and hardware that are given to a machine, against a kernel that enforces; and raw arguments that name
 * what is not.
 */
export async function checkGrants(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  await checkArguments(fixture);
  await checkHardware(fixture);
  await using undo = new AsyncDisposableStack();
  const machine = await fixture.machine('vm-grants', { security: strictSettings });
  const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
  running.release(); // QMP takes one client at a time
  using probe = await QmpProbe.connect(machine.qmpSocket);
  await checkFile({ fixture, machine, running, probe });
  await checkDevice({ fixture, machine, running, probe });
}

async function checkFile({ fixture, machine, running, probe }: Lab): Promise<void> {
  const file = path.join(fixture.root, 'given.img');
  await writeFile(file, Buffer.alloc(4096));
  await chmod(file, 0o666); // by mode anybody may: the profile alone has to refuse
  check('grant', 'a file is denied by default', (await probe.openFile(file, true)).includes('Permission denied'));
  check(
    'grant',
    'and the denial names it',
    (await newDenials()).some((line) => line.includes(file)),
  );
  const renew = (mode: 'r' | 'rw'): Promise<void> =>
    fixture.hypervisor.renew(
      { ...machine, security: { ...strictSettings, grants: [{ path: file, mode, kind: 'file', ...at }] } },
      running.process,
      signal,
    );
  await renew('r');
  const writable = await probe.openFile(file, false, 'given');
  check(
    'grant',
    'to read opens it read-only alone, at once',
    /Permission denied|Read-only file system/.test(writable) &&
      (await probe.openFile(file, true, 'given')) === 'opened',
    writable,
  );
  await probe.run('blockdev-del', { 'node-name': 'given' });
  await renew('rw');
  const opened = await probe.openFile(file, false, 'given');
  check('grant', 'to read and write opens it for writing', opened === 'opened', opened);
  await probe.run('blockdev-del', { 'node-name': 'given' });
  await fixture.hypervisor.renew(machine, running.process, signal);
  check(
    'grant',
    'taken back, it is denied again',
    (await probe.openFile(file, true, 'given')).includes('Permission denied'),
  );
  await newDenials();
}

async function checkDevice({ fixture, machine, running, probe }: Lab): Promise<void> {
  const device = await loopDevice(fixture, 'device.img');
  check('grant', 'a device is not there by default', (await probe.openFile(device, true)) !== 'opened');
  const grants: AccessGrant[] = [{ path: device, mode: 'rw', kind: 'device', ...at }];
  await fixture.hypervisor.renew({ ...machine, security: { ...strictSettings, grants } }, running.process, signal);
  const opened = await probe.openFile(device, false, 'device');
  check('grant', 'given, it opens while the machine runs: node, device map and rule', opened === 'opened', opened);
  await probe.run('blockdev-del', { 'node-name': 'device' });
  await fixture.hypervisor.renew(machine, running.process, signal);
  check('grant', 'taken back, it is gone', (await probe.openFile(device, false, 'device')) !== 'opened');
  await execute('losetup', ['-d', device]);
  await newDenials();
}

async function checkArguments(fixture: Fixture): Promise<void> {
  const file = path.join(fixture.root, 'named.img');
  await writeFile(file, Buffer.alloc(4096), { mode: 0o644 });
  const qemu = { args: ['-drive', `if=none,id=raw0,format=raw,readonly=on,file=${file}`], env: { ID: 'wibble' } };
  const machine = await fixture.machine('vm-raw', { security: { ...strictSettings, qemu } });
  {
    await using undo = new AsyncDisposableStack();
    const refused = await refusal(() =>
      startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo }),
    );
    check(
      'raw arguments',
      'a file that they name is denied',
      refused.includes('Permission denied') && refused.includes(file),
      refused,
    );
    check(
      'raw arguments',
      'and the denial names it',
      (await newDenials()).some((line) => line.includes(file)),
    );
  }
  await using undo = new AsyncDisposableStack();
  const granted = {
    ...machine,
    security: { ...strictSettings, qemu, grants: [{ path: file, mode: 'r', kind: 'file', ...at } as const] },
  };
  const running = await startMachine(fixture.hypervisor, granted, testTaps(machine), { signal, log, undo });
  check(
    'raw arguments',
    'with a grant the machine starts',
    (await running.label()) === 'multipass.vm-raw.qemu-system-x86_64 (enforce)' && (await running.hasOpen(file)),
  );
}

/** A disk of the host, the kernel's network back end, and a helper that is safe from the kernel's killer. */
async function checkHardware(fixture: Fixture): Promise<void> {
  const device = await loopDevice(fixture, 'disk.img');
  const machine = await fixture.machine('vm-hard', {
    security: machineSecurity(strictSettings),
    hardware: {
      ...noHardware,
      usesVhostNet: true,
      hostDisks: [{ path: device, isReadOnly: false, place: { bus: 'pcie.0', slot: 9 } }],
    },
  });
  await writeFile('/proc/self/oom_score_adj', '-321');
  {
    await using undo = new AsyncDisposableStack();
    const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
    check(
      'hardware',
      'a disk of the host and vhost-net are open in a machine that enforces',
      (await running.hasOpen(device)) && (await running.hasOpen('/dev/vhost-net')),
      await running.label(),
    );
    check('hardware', 'and nothing was denied at the start', (await newDenials()).length === 0);
    check(
      'hardware',
      "the helper's place before the kernel's killer is not the machine's",
      (await readFile(`/proc/${running.process.pid}/oom_score_adj`, 'utf8')).trim() === '0',
    );
  }
  await writeFile('/proc/self/oom_score_adj', '0');
  await execute('losetup', ['-d', device]);
}

async function loopDevice(fixture: Fixture, name: string): Promise<string> {
  const file = path.join(fixture.root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, '');
  await truncate(file, 8 * 1024 ** 2);
  return (await execute('losetup', ['--find', '--show', file])).stdout.trim();
}
