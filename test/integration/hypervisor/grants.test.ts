// SPDX-License-Identifier: MIT
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessGrant } from '#contract/security.ts';
import { findHierarchies } from '../../../native-helper/confinement/cgroups/hierarchies.ts';
import { openFor } from '../../../native-helper/confinement/grants/file-access.ts';
import { cgroupName } from '../../../native-helper/confinement/machine-access.ts';
import type { RunningMachine } from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { strictSettings } from '../../../native-helper/instances/security/security-settings.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { QmpProbe } from '../../lab/guest/qmp-probe.ts';
import { createFixture, log, runCommand, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(110_000);
const allowed = { ...strictSettings, isAllowedWithoutAppArmor: true };
const at = { grantedBy: 0, grantedAt: '2026-01-01T00:00:00.000Z' } as const;
let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture('/var/tmp');
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

const start = (machine: MachineSpec, undo: AsyncDisposableStack): Promise<RunningMachine> =>
  startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });

describe("a machine with arguments of its owner's", () => {
  const disc = (): string => path.join(fixture.root, 'home/disc.iso');
  const args = (): string[] => ['-drive', `if=none,id=extra,format=raw,readonly=on,file=${disc()}`];

  beforeAll(async () => {
    await mkdir(path.dirname(disc()), { mode: 0o700 });
    await writeFile(disc(), Buffer.alloc(4096), { mode: 0o600 });
  });

  it('does not get a file for naming it: QEMU says which it may not open', async () => {
    const machine = await fixture.machine('vm-args', { security: { ...allowed, qemu: { args: args(), env: {} } } });
    await using undo = new AsyncDisposableStack();
    await expect(start(machine, undo)).rejects.toMatchObject({
      code: 'hypervisor.start-failed',
      params: { reason: expect.stringMatching(/disc\.iso.*Permission denied/) as string },
    });
  });

  it("has it once it was given; variables are QEMU's alone", async () => {
    const grants: AccessGrant[] = [{ path: disc(), mode: 'r', kind: 'file', ...at }];
    const machine = await fixture.machine('vm-args', {
      security: { ...allowed, grants, qemu: { args: args(), env: { ID: 'wib ble', BAR: '' } } },
    });
    await openFor(disc(), 'r', {
      giver: { uid: 0, gid: 0 },
      machine: machine.owner,
      runner: new LocalProcessRunner(),
      signal,
    });
    await using undo = new AsyncDisposableStack();
    const running = await start(machine, undo);
    expect(await running.hasOpen(disc())).toBe(true);
    expect(await running.hasOpen('/etc/passwd')).toBe(false);
    expect((await readFile(`/proc/${running.process.pid}/environ`, 'utf8')).split('\0')).toEqual(
      expect.arrayContaining(['ID=wib ble', 'BAR=']),
    );
    expect((await running.confinement()).find(({ layer }) => layer === 'seccomp')?.state).toBe('on');
  });
});

describe('a device that is given to a machine that runs', () => {
  it('is in its /dev, with its mode, and in its device map; and no longer when it is taken back', async () => {
    const machine = await fixture.machine('vm-device', { security: allowed });
    await using undo = new AsyncDisposableStack();
    const running = await start(machine, undo);
    running.release(); // QMP takes one client at a time
    using probe = await QmpProbe.connect(machine.qmpSocket);
    const { v2 = '' } = await findHierarchies();
    const cgroup = path.join(v2, 'berth.slice', cgroupName(machine));
    const opens = (how: '<' | '<>'): Promise<boolean> =>
      runCommand('sh', ['-c', `echo $$ > "$1/cgroup.procs" && exec 7${how} /dev/tty20`, 'sh', cgroup]).then(
        () => true,
        () => false,
      );
    expect(await probe.openFile('/dev/tty20', true)).not.toBe('opened');
    expect(await opens('<')).toBe(false);

    const grants: AccessGrant[] = [{ path: '/dev/tty20', mode: 'r', kind: 'device', ...at }];
    await fixture.hypervisor.renew({ ...machine, security: { ...allowed, grants } }, running.process, signal);
    const node = await stat(`/proc/${running.process.pid}/root/dev/tty20`);
    expect([node.mode & 0o777, node.uid]).toEqual([0o400, machine.owner.uid]);
    expect([await opens('<'), await opens('<>')]).toEqual([true, false]);

    await fixture.hypervisor.renew(machine, running.process, signal);
    expect((await readdir(`/proc/${running.process.pid}/root/dev`)).toSorted()).toEqual([
      'full',
      'null',
      'random',
      'urandom',
      'zero',
    ]);
    expect(await opens('<')).toBe(false);
    await expect(writeFile(`/proc/${running.process.pid}/root/dev/x`, '')).rejects.toThrow('EROFS');
  });
});

describe('a file that is given to a machine that runs', () => {
  it('can be written at once, and no longer when it is given to be read or taken back', async () => {
    const machine = await fixture.machine('vm-file', { security: allowed });
    const file = path.join(fixture.root, 'with \\ space.img');
    await writeFile(file, Buffer.alloc(4096));
    await chmod(file, 0o666); // that it lies on a file system of the host's alone has to refuse
    await using undo = new AsyncDisposableStack();
    const running = await start(machine, undo);
    running.release(); // QMP takes one client at a time
    using probe = await QmpProbe.connect(machine.qmpSocket);
    const give = async (mode: 'r' | 'rw'): Promise<void> => {
      const grants: AccessGrant[] = [{ path: file, mode, kind: 'file', ...at }];
      await fixture.hypervisor.renew({ ...machine, security: { ...allowed, grants } }, running.process, signal);
    };
    const writes = async (): Promise<string> => {
      const answer = await probe.openFile(file, false, 'given');
      if (answer === 'opened') await probe.run('blockdev-del', { 'node-name': 'given' });
      return answer;
    };
    expect(await writes()).toContain('Read-only file system');
    for (let times = 0; times < 2; times += 1) {
      await give('rw');
      expect(await writes()).toBe('opened');
      await give('r');
      expect(await writes()).toContain('Read-only file system');
    }
    await give('rw');
    await fixture.hypervisor.renew(machine, running.process, signal);
    expect(await writes()).toContain('Read-only file system');
  });
});
