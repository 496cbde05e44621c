// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mebibyte } from '#contract/units.ts';
import { blockArguments } from '../../native-helper/hypervisor/qemu/block-devices.ts';
import { disksOnImages } from '../../native-helper/images/vault/disks-on-images.ts';
import { emptyOverlay } from '../../native-helper/images/vault/qcow2-overlay.ts';
import { disk as specDisk, spec } from '../unit/hypervisor/spec.ts';

const launcher = path.resolve(import.meta.dirname, '../../assets/launcher/machine-launch.sh');
const diskBytes = 64 * mebibyte;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-attack-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** A disk of an instance, whose header its machine has written anew: it names `backing`. */
async function rewrittenDisk(backing: string): Promise<string> {
  const disk = path.join(directory, 'instances/a/disk.qcow2');
  await mkdir(path.dirname(disk), { recursive: true });
  await writeFile(disk, emptyOverlay(backing, diskBytes));
  return disk;
}

/** The files that QEMU has opened for a machine of this disk and these images. */
async function openedFor(disk: string, image: string): Promise<string> {
  const seedPath = path.join(directory, 'seed.iso');
  await writeFile(seedPath, Buffer.alloc(mebibyte));
  const blocks = blockArguments({
    ...spec,
    disks: [{ ...specDisk, path: disk, backingPaths: [image] }],
    cdrom: { ...spec.cdrom, path: seedPath },
  });
  const qemu = spawn('qemu-system-x86_64', [
    '-nodefaults',
    '-display',
    'none',
    '-machine',
    'q35',
    '-accel',
    'tcg',
    '-m',
    '32M',
    '-S',
    '-qmp',
    'stdio',
    ...blocks,
  ]);
  let printed = '';
  qemu.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  qemu.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  qemu.stdin.end('{"execute":"qmp_capabilities"}{"execute":"query-named-block-nodes"}{"execute":"quit"}');
  await once(qemu, 'close');
  return printed;
}

test("what a disk's header names is neither opened by QEMU nor believed by the helper", async () => {
  const secret = path.join(directory, 'secret.qcow2');
  await writeFile(secret, emptyOverlay(path.join(directory, 'deeper'), diskBytes));
  const image = path.join(directory, 'image.qcow2');
  const plain = emptyOverlay('x', diskBytes);
  plain.writeBigUInt64BE(0n, 8);
  plain.writeUInt32BE(0, 16);
  await writeFile(image, plain);
  const opened = await openedFor(await rewrittenDisk(secret), image);
  expect(opened).toContain(`"filename": "${image}"`);
  expect(opened).not.toContain(`"filename": "${secret}"`);
  expect(await disksOnImages(path.join(directory, 'instances'), () => false)).toEqual(new Map());
});

test('what a machine writes into its disk holds nobody’s image, whatever it names', async () => {
  const image = 'a'.repeat(64);
  await rewrittenDisk(`/x/${image}/disk.qcow2`);
  expect(await disksOnImages(path.join(directory, 'instances'), () => true)).toEqual(new Map());
  // of a record that cannot be read
  expect(await disksOnImages(path.join(directory, 'instances'), () => false)).toEqual(new Map([[image, ['a']]]));
});

test('a disk whose name leads elsewhere, or to a pipe, is not looked into', async () => {
  const disk = await rewrittenDisk('/x/y');
  await rm(disk);
  const made = spawn('mkfifo', [disk]);
  await once(made, 'close');
  await expect(disksOnImages(path.join(directory, 'instances'), () => false)).rejects.toThrow(/no regular file/);
});

/** Runs the launcher with a program that leaves a mark, and what the helper says on its stdin. */
async function launched(words: string): Promise<{ readonly hasRun: boolean; readonly log: string }> {
  const [log, mark] = [path.join(directory, 'log'), path.join(directory, 'mark')];
  await writeFile(path.join(directory, 'console'), '');
  await rm(mark, { force: true });
  await using output = await open(log, 'a');
  const args = [
    '--uid',
    '0',
    '--gid',
    '0',
    '--as-root',
    'yes',
    '--profile',
    '-',
    '--log',
    log,
    '--console',
    path.join(directory, 'console'),
    '--dev',
    'host',
  ];
  const child = spawn('/bin/sh', [launcher, ...args, '--', '/usr/bin/touch', mark], {
    stdio: ['pipe', output.fd, output.fd],
  });
  child.stdin?.on('error', () => undefined); // it ended at once
  child.stdin?.end(words);
  await once(child, 'close');
  return {
    hasRun: await stat(mark).then(
      () => true,
      () => false,
    ),
    log: await readFile(log, 'utf8'),
  };
}

test('a machine that no helper has noted never runs', async () => {
  expect((await launched('go\n')).hasRun).toBe(true);
  for (const words of ['', 'go', 'stop\n'])
    expect(await launched(words)).toMatchObject({ hasRun: false, log: expect.stringContaining('took note') });
});
