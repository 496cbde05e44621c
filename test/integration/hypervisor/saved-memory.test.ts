// SPDX-License-Identifier: MIT
// A machine without a guest: its memory goes to a file and comes from one.
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LoadedMemory, RunningMachine } from '../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { createFixture, log, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(300_000);
let fixture: Fixture;
let machine: MachineSpec;
let running: RunningMachine;
let file: string;
let undo: AsyncDisposableStack;

beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(async () => await fixture?.[Symbol.asyncDispose]());
beforeEach(async () => {
  undo = new AsyncDisposableStack();
  file = path.join(fixture.root, `memory-${Math.random()}`);
  machine = await fixture.machine('vm-saved', { memory: { savePath: file } });
  running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
});
afterEach(async () => await undo[Symbol.asyncDispose]());

async function save(): Promise<void> {
  await running.hold(signal);
  await using handle = await open(file, 'wx', 0o600);
  await running.saveMemory(handle.fd, signal);
}

/** Starts another machine on what is in the file. */
async function load(
  more: Partial<LoadedMemory> = {},
  changes: Partial<MachineSpec> = {},
  until: AbortSignal = signal,
): Promise<RunningMachine> {
  await using handle = await open(file, 'r');
  const memory = {
    descriptor: handle.fd,
    requireVersion: () => undefined,
    goesOn: async () => undefined,
    wentOn: () => undefined,
    ...more,
  };
  const next = { ...machine, ...changes, memory: { savePath: file, loadPath: file } };
  return await startMachine(fixture.hypervisor, next, testTaps(next), { signal: until, log, undo, memory });
}

async function end(): Promise<void> {
  await running.kill();
  await fixture.hypervisor.cleanUp(machine);
}

test('what was saved goes on in another process, after it was let', async () => {
  expect(await running.plugged(signal)).toEqual([]);
  await save();
  expect(await running.status(signal)).toBe('postmigrate');
  expect((await stat(file)).size).toBeGreaterThan(100_000);
  await end();
  const steps: string[] = [];
  const next = await load({
    requireVersion: (version) => steps.push(version ?? ''),
    goesOn: async () => {
      steps.push('goes on');
    },
    wentOn: () => steps.push('went on'),
  });
  expect(steps).toEqual([running.qemuVersion, 'goes on', 'went on']);
  expect(await next.status(signal)).toBe('running');
});

test('a machine that was saved goes on where nobody wants the memory', async () => {
  await save();
  await running.resume(signal);
  expect(await running.status(signal)).toBe('running');
});

test('a file that cannot be written to is told, and the machine goes on', async () => {
  await running.hold(signal);
  await using full = await open('/dev/full', 'w');
  await expect(running.saveMemory(full.fd, signal)).rejects.toMatchObject({ code: 'hypervisor.control-failed' });
  await running.resume(signal);
  expect(await running.status(signal)).toBe('running');
});

test('a save that is given up ends, and the machine goes on', async () => {
  await running.hold(signal);
  await using handle = await open(file, 'wx', 0o600);
  await expect(running.saveMemory(handle.fd, AbortSignal.abort())).rejects.toThrow('aborted');
  await running.cancelSave(signal);
  await running.resume(signal);
  expect(await running.status(signal)).toBe('running');
});

test('what QEMU does not load is told in its words, and nothing goes on', async () => {
  await save();
  await end();
  const whole = await readFile(file);
  for (const content of [Buffer.alloc(0), Buffer.from('no memory'), whole.subarray(0, whole.length / 2)]) {
    await writeFile(file, content);
    let hasGoneOn = false;
    const loading = load({
      goesOn: async () => {
        hasGoneOn = true;
      },
    });
    await expect(loading).rejects.toMatchObject({ code: 'memory.refused', params: { name: 'vm-saved' } });
    expect(hasGoneOn).toBe(false);
  }
});

test('an answer that does not come leaves the machine to its guest, which may run', async () => {
  await save();
  await end();
  const stopped = new AbortController();
  const outcomes: unknown[] = [];
  let pid = 0;
  const next = await load(
    {
      goesOn: async () => {
        pid = (await fixture.hypervisor.find(machine))!.pid;
        process.kill(pid, 'SIGSTOP');
        setTimeout(() => stopped.abort(), 200);
      },
      wentOn: (unclear) => outcomes.push(unclear?.code),
    },
    {},
    stopped.signal,
  ).finally(() => process.kill(pid, 'SIGCONT'));
  expect(outcomes).toEqual(['operation.cancelled']);
  expect(await next.status(signal)).toBe('running');
});

test('a machine that QEMU refuses to let go on has not gone on', async () => {
  await save();
  // it runs, so its disk is locked
  await running.resume(signal);
  const other = await fixture.machine('vm-other');
  const { id, runDirectory, qmpSocket, serialSocket, nics } = other;
  let hasGoneOn = false;
  const wentOn = (): void => {
    hasGoneOn = true;
  };
  const loading = load({ wentOn }, { id, runDirectory, qmpSocket, serialSocket, nics });
  await expect(loading).rejects.toMatchObject({ code: 'hypervisor.control-failed', params: { command: 'cont' } });
  expect(hasGoneOn).toBe(false);
});

test('one of another QEMU is refused before it gets the memory', async () => {
  await save();
  await end();
  const refused = load({
    requireVersion: () => {
      throw new Error('another QEMU');
    },
  });
  await expect(refused).rejects.toThrow('another QEMU');
});
