// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHierarchies } from '../../../native-helper/confinement/cgroups/hierarchies.ts';
import { cgroupName } from '../../../native-helper/confinement/machine-access.ts';
import type { MachineEvent, RunningMachine } from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import type { ProcessRef } from '../../../native-helper/core/seams/processes.ts';
import { isAlive } from '../../../native-helper/process/proc-fs.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { signalProcess } from '../../support/signal-process.ts';
import { createFixture, log, runCommand, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(110_000);
let fixture: Fixture;

beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function start(machine: MachineSpec, undo: AsyncDisposableStack, startSignal = signal): Promise<RunningMachine> {
  return startMachine(fixture.hypervisor, machine, testTaps(machine), { signal: startSignal, log, undo });
}

const lookUp = async (pid: number, file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8');
const nothingRunsFor = async (machine: MachineSpec): Promise<void> => {
  const { stdout } = await runCommand('ps', ['-eo', 'args']);
  expect(stdout).not.toContain(machine.disks[0]!.path);
  expect(existsSync(path.dirname(machine.qmpSocket))).toBe(false);
};

describe('a started machine', () => {
  let machine: MachineSpec;
  let running: RunningMachine;
  const undo = new AsyncDisposableStack();
  beforeAll(async () => {
    machine = await fixture.machine('vm-one');
    running = await start(machine, undo);
  });
  afterAll(() => undo.disposeAsync());

  it('runs as its own user, without capabilities, locked by seccomp, without a core dump', async () => {
    const status = await lookUp(running.process.pid, 'status');
    const { uid } = machine.owner;
    expect(status).toContain(`Uid:\t${uid}\t${uid}\t${uid}\t${uid}\n`);
    expect(status).toMatch(/^Groups:\s*$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await lookUp(running.process.pid, 'limits')).toMatch(/^Max core file size\s+0\s+0/m);
  });

  it('measures its layers from /proc', async () => {
    const layers = await running.confinement();
    expect(Object.fromEntries(layers.map(({ layer, state }) => [layer, state]))).toMatchObject({
      uid: 'on',
      capabilities: 'on',
      seccomp: 'on',
      namespaces: 'on',
      'private-dev': 'on',
      devices: 'on',
      limits: 'on',
    });
    expect(layers.find(({ layer }) => layer === 'apparmor')?.state).not.toBe('unknown');
  });

  it('sees a minimal /dev, its own files and nothing of /run and /tmp besides, not even the names of its sockets', async () => {
    const root = `/proc/${running.process.pid}/root`;
    expect((await readdir(`${root}/dev`)).toSorted()).toEqual(['full', 'null', 'random', 'urandom', 'zero']);
    expect(await readdir(`${root}/run`)).toEqual([]);
    expect(await readdir(`${root}/tmp`)).toEqual([path.basename(fixture.root)]);
    expect(await readdir(`${root}${fixture.root}`)).toEqual(['state']);
    expect(await readdir(`${root}${fixture.root}/state/instances`)).toEqual(['vm-one']);
    expect((await readdir(`${root}${fixture.root}/state/instances/vm-one`)).toSorted()).toEqual([
      'base.qcow2',
      'disk.qcow2',
      'seed.iso',
    ]);
  });

  it('is kept by its cgroups from devices that it does not use, and within its limits', async () => {
    const { v2 = '' } = await findHierarchies();
    const cgroup = path.join(v2, 'berth.slice', cgroupName(machine));
    const attempt = (device: string): Promise<unknown> =>
      runCommand('sh', ['-c', 'echo $$ > "$1/cgroup.procs" && exec 7<> "$2"', 'sh', cgroup, device]);
    await expect(attempt('/dev/null')).resolves.toBeDefined();
    for (const device of ['/dev/fuse', '/dev/net/tun', '/dev/tty'])
      await expect(attempt(device)).rejects.toThrow(/Operation not permitted|cannot (?:open|create)/);
    const evidence = new Map((await running.confinement()).map((layer) => [layer.layer, layer.evidence]));
    expect(evidence.get('devices')).toBe(`5 devices allowed by the program on ${cgroup}`);
    expect(evidence.get('limits')).toContain(`memory ${(128 * 1024 ** 2 * 17) / 16 + 1536 * 1024 ** 2}`);
  });

  it('has no network but the descriptor of its tap', async () => {
    const links = await lookUp(running.process.pid, 'net/dev');
    expect(
      links
        .split('\n')
        .slice(2)
        .map((line) => line.split(':')[0]?.trim())
        .filter(Boolean),
    ).toEqual(['lo']);
    const [nic] = machine.nics;
    const { stdout } = await runCommand('ip', ['-br', 'link', 'show', nic!.tap]);
    expect(stdout).toContain(nic!.tap);
  });

  it("has sockets and logs that are root's, in root's directories", async () => {
    const directory = path.dirname(machine.qmpSocket);
    for (const file of [directory, machine.qmpSocket, machine.serialSocket, machine.consoleLog, machine.log])
      expect([file, (await stat(file)).uid]).toEqual([file, 0]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
  });

  it("cannot reach another machine's disk as the user that it is", async () => {
    const other = await fixture.machine('vm-two');
    const attempt = new LocalProcessRunner().run(
      { program: 'cat', args: [other.disks[0]!.path], confinement: 'none-needed', runAs: machine.owner },
      { signal },
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'process.failed',
      params: { reason: expect.stringContaining('Permission denied') as string },
    });
  });

  it("answers, tells of the power button with QEMU's time, and gives its serial port", async () => {
    expect(await running.status(signal)).toBe('running');
    const event = Promise.withResolvers<MachineEvent>();
    const stopListening = running.onEvent(event.resolve);
    await running.powerDown(signal);
    expect(await event.promise).toMatchObject({ kind: 'powerdown' });
    stopListening();
    (await running.openSerial()).destroy();
  });

  it('ends at once when killed, and leaves nothing after the clean-up', async () => {
    await running.kill();
    expect(await running.exited).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    await expect(running.status(signal)).rejects.toMatchObject({ code: 'hypervisor.control-failed' });
    await fixture.hypervisor.cleanUp(machine);
    await nothingRunsFor(machine);
    const { v2 = '', v1 } = await findHierarchies();
    for (const root of [v2, ...Object.values(v1)])
      expect(existsSync(path.join(root, 'berth.slice', cgroupName(machine)))).toBe(false);
    expect(existsSync(path.join(fixture.files.profiles, 'multipass.vm-one.qemu-system-x86_64'))).toBe(false);
  });
});

describe('a machine whose helper died', () => {
  it('goes on, is adopted, and its end is noticed', async () => {
    const machine = await fixture.machine('vm-orphan');
    const script = fileURLToPath(new URL('./start-and-exit.ts', import.meta.url));
    const output = await runCommand(process.execPath, [script, JSON.stringify({ root: fixture.root, machine })]).catch(
      (error: { stdout: string }) => error,
    );
    const ref = JSON.parse(output.stdout) as ProcessRef;
    expect(await isAlive(ref)).toBe(true);

    expect(await fixture.hypervisor.adopt(machine, { ...ref, startTicks: ref.startTicks + 1 })).toBeUndefined();
    expect(await fixture.hypervisor.adopt(machine, { pid: process.pid, startTicks: 1 })).toBeUndefined();
    const adopted = await fixture.hypervisor.adopt(machine, ref);
    expect(await adopted?.status(signal)).toBe('running');
    expect(
      (await adopted?.confinement())
        ?.filter(({ layer }) => layer === 'devices' || layer === 'limits')
        .map(({ state }) => state),
    ).toEqual(['on', 'on']);
    expect(Math.abs(Date.now() - (adopted?.startedAt.getTime() ?? 0))).toBeLessThan(60_000);

    adopted?.release();
    expect(await isAlive(ref)).toBe(true);
    const again = await fixture.hypervisor.adopt(machine, ref);
    signalProcess(ref.pid, 'SIGKILL');
    expect(await again?.exited).toMatchObject({ exitCode: null });
    expect(await fixture.hypervisor.adopt(machine, ref)).toBeUndefined();
    await fixture.hypervisor.cleanUp(machine);
    await nothingRunsFor(machine);
  });

  it('is not declared gone while it lives and does not answer', async () => {
    const machine = await fixture.machine('vm-mute');
    await using undo = new AsyncDisposableStack();
    const running = await start(machine, undo);
    running.release();
    await rm(machine.qmpSocket);
    // it is taken over as one that says nothing, and asked on
    const adopted = await fixture.hypervisor.adopt(machine, running.process);
    expect(adopted).toBeDefined();
    adopted?.release();
  });
});

describe('a start that fails', () => {
  it("says QEMU's own words and leaves nothing", async () => {
    const machine = await fixture.machine('vm-denied');
    await chmod(machine.disks[0]!.path, 0o000);
    await using undo = new AsyncDisposableStack();
    await expect(start(machine, undo)).rejects.toMatchObject({
      code: 'hypervisor.start-failed',
      params: { reason: expect.stringMatching(/disk\.qcow2.*Permission denied/) as string },
    });
    await nothingRunsFor(machine);
  });

  it('leaves nothing when it is cancelled', async () => {
    const machine = await fixture.machine('vm-cancelled');
    await using undo = new AsyncDisposableStack();
    const controller = new AbortController();
    const starting = start(machine, undo, controller.signal);
    setImmediate(() => controller.abort());
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    await nothingRunsFor(machine);
  });

  it('is undone by the operation that fails later', async () => {
    const machine = await fixture.machine('vm-undone');
    const undo = new AsyncDisposableStack();
    const running = await start(machine, undo);
    await undo.disposeAsync();
    expect(await isAlive(running.process)).toBe(false);
    await nothingRunsFor(machine);
  });

  it('refuses a user of 0', async () => {
    const machine = await fixture.machine('vm-root', { owner: { uid: 0, gid: 0 } });
    await using undo = new AsyncDisposableStack();
    await expect(start(machine, undo)).rejects.toMatchObject({
      code: 'hypervisor.start-failed',
      params: { reason: expect.stringContaining('a user and group of its own') as string },
    });
  });
});
