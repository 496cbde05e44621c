// SPDX-License-Identifier: MIT
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningMachine } from '../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../native-helper/core/seams/machine-spec.ts';
import { UserCounter } from '../../native-helper/store/user-counter.ts';
import {
  createFixture,
  log,
  runCommand,
  startMachine,
  testTaps,
  type Fixture,
} from '../integration/hypervisor/fixture.ts';

const signal = AbortSignal.timeout(110_000);
/** proc(5), mountinfo: where, how, of which type. */
const mountLine = /^\S+ \S+ \S+ \S+ (\S+) (\S+) .*- (\S+) /;
const kernelTypes =
  /^(?:proc|sysfs|cgroup2?|devpts|devtmpfs|mqueue|hugetlbfs|securityfs|debugfs|tracefs|bpf|pstore|configfs|fusectl|efivarfs|binfmt_misc|autofs|selinuxfs)$/;

let fixture: Fixture;
let machine: MachineSpec;
let running: RunningMachine;
const undo = new AsyncDisposableStack();
beforeAll(async () => {
  fixture = await createFixture('/var/tmp'); // seen by machines, and everybody may write beside it
  machine = await fixture.machine('vm-uid');
  running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
});
afterAll(async () => {
  await undo.disposeAsync();
  await fixture[Symbol.asyncDispose]();
});

/** What code in QEMU could do, in the machine's room and as its user, without the seccomp filter and the profile. */
function asMachine(script: string, uid = machine.owner.uid): Promise<{ readonly stdout: string }> {
  return runCommand('nsenter', [
    '--mount',
    '--target',
    String(running.process.pid),
    '--',
    'setpriv',
    '--reuid',
    String(uid),
    '--regid',
    String(uid),
    '--clear-groups',
    '--',
    'sh',
    '-c',
    script,
  ]);
}

it('a machine writes nothing of the host but what is its own', async () => {
  for (const place of ['/var/tmp', '/var/lock', fixture.root])
    await expect(asMachine(`: > ${place}/left-behind`)).rejects.toThrow(/Read-only|No such|nonexistent/);
  await asMachine(`: >> ${machine.disks[0]!.path}`);
});

it('nothing of the host that a machine sees has set-uid programs or devices', async () => {
  const lines = (await readFile(`/proc/${running.process.pid}/mountinfo`, 'utf8'))
    .split('\n')
    .filter((line) => line !== '');
  const loose = lines.filter((line) => {
    const [, place = '', options = '', type = ''] = mountLine.exec(line) ?? [];
    if (kernelTypes.test(type) || place === '/dev' || place.startsWith('/dev/')) return false;
    return !options.split(',').includes('nosuid') || !options.split(',').includes('nodev');
  });
  expect(loose).toEqual([]);
});

it('a set-uid file that a machine leaves behind makes nobody its user in there', async () => {
  const program = `${fixture.root}/left-behind`;
  await copyFile('/usr/bin/id', program);
  await runCommand('chown', [`${machine.owner.uid}:${machine.owner.uid}`, program]);
  await runCommand('chmod', ['6755', program]);
  expect((await stat(program)).mode & 0o6000).toBe(0o6000);
  const other = machine.owner.uid + 1;
  expect((await asMachine(`${program} -u`, other)).stdout.trim()).toBe(String(other));
});

it('no user is given twice, even when the counter is older than the records', async () => {
  const file = `${fixture.root}/users.json`;
  const first = await new UserCounter(file, log).take([]);
  const older = await readFile(file);
  const second = await new UserCounter(file, log).take([first.uid]);
  await writeFile(file, older); // from a backup
  const third = await new UserCounter(file, log).take([first.uid, second.uid]);
  expect(new Set([first.uid, second.uid, third.uid]).size).toBe(3);
});
