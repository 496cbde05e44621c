// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Accelerators } from '../../../native-helper/hypervisor/qemu/accelerators.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { assetsDirectory, runCommand } from './fixture.ts';

const signal = AbortSignal.timeout(100_000);
const guest = path.join(assetsDirectory, 'launcher', 'kvm-probe.bin');
let root = '';
let files: Files;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'berth-kvm-'));
  files = new Files(path.join(root, 'state'), path.join(root, 'run'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const accelerators = (accelerator: 'auto' | 'kvm' | 'tcg'): Accelerators =>
  new Accelerators({ runner: new LocalProcessRunner(), files, assetsDirectory, accelerator });

it('answers within its limit, says why, and remembers for this boot of the host', async () => {
  const before = performance.now();
  const asked = await accelerators('auto').capabilities(signal);
  expect(performance.now() - before).toBeLessThan(15_000);
  expect(asked.acceleratorReason.length).toBeGreaterThan(10);
  if (!existsSync('/dev/kvm')) {
    expect(asked.accelerator).toBe('tcg');
    return; // where there is nothing to probe, nothing is remembered
  }

  const kept = JSON.parse(await readFile(files.kvmProbe, 'utf8')) as Record<string, unknown>;
  expect(kept['hostBootId']).toBe((await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim());
  await writeFile(files.kvmProbe, JSON.stringify({ ...kept, reason: 'as remembered' }));
  expect(await accelerators('auto').capabilities(signal)).toMatchObject({
    accelerator: asked.accelerator,
    acceleratorReason: 'as remembered',
  });
  await writeFile(files.kvmProbe, JSON.stringify({ ...kept, hostBootId: 'another', reason: 'of an earlier boot' }));
  expect((await accelerators('auto').capabilities(signal)).acceleratorReason).not.toBe('of an earlier boot');
});

it('is overruled by the configuration', async () => {
  expect(await accelerators('kvm').capabilities(signal)).toMatchObject({
    accelerator: 'kvm',
    acceleratorReason: 'chosen in the configuration',
  });
});

it('has a test guest that runs to its end on a sound machine', async () => {
  const run = runCommand('qemu-system-x86_64', [
    '-nodefaults',
    '-display',
    'none',
    '-machine',
    'q35',
    '-accel',
    'tcg',
    '-cpu',
    'max',
    '-m',
    '128M',
    '-no-reboot',
    '-device',
    'isa-debug-exit,iobase=0xf4,iosize=4',
    '-kernel',
    guest,
  ]);
  await expect(run).rejects.toMatchObject({ code: 33 });
});

it('has a test guest that is built from its source', async () => {
  const source = path.join(assetsDirectory, 'launcher', 'kvm-probe.S');
  const object = path.join(root, 'probe.o');
  await runCommand('as', ['--64', source, '-o', object]);
  await runCommand('ld', [
    '-m',
    'elf_x86_64',
    '-Ttext',
    '0x100000',
    '--oformat',
    'binary',
    object,
    '-o',
    path.join(root, 'probe.bin'),
  ]);
  expect((await readFile(path.join(root, 'probe.bin'))).equals(await readFile(guest))).toBe(true);
});
