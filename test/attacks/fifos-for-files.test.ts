// SPDX-License-Identifier: MIT
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeFor, openFor } from '../../native-helper/confinement/grants/file-access.ts';
import { resolveGrant } from '../../native-helper/confinement/grants/resolve-grant.ts';
import type { FileAccess } from '../../native-helper/confinement/machine-access.ts';
import { changeWritten } from '../../native-helper/confinement/running-machine.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import type { HeldProcess, ProcessSpec } from '../../native-helper/core/seams/processes.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { givenFile, readerOf } from '../support/reader-of-given.ts';

/**
 * Root gives a file that lies in a user's folder, and she puts a FIFO in its place: whoever opens that waits for her.
 */
const mia = { uid: 4000, gid: 4000 };
const root = { uid: 0, gid: 0, pid: 1 };
const machine = { uid: 61000, gid: 61000 };
const runner = new LocalProcessRunner();
const raceMs = 6_000;
/** Whoever waits does so for ever. */
const patienceMs = 8_000;
let signal: AbortSignal;
let place: string;
let given: string;

/** As mia: exchanges the file for a FIFO, over and over, and tells when somebody has the FIFO open to be read. */
const racing = `use POSIX; use Fcntl; $) = "4000 4000"; $( = 4000; POSIX::setuid(4000); chdir $ARGV[0] or die; $| = 1; print "begun\\n";
while (1) {
  rename "f", "kept"; rename "fifo", "f";
  for (1 .. 20) { if (sysopen my $end, "f", O_WRONLY | O_NONBLOCK) { print "reached\\n"; } }
  rename "f", "fifo"; rename "kept", "f"; for (1 .. 20) { stat "f" }
}`;

async function makePlace(parent: string): Promise<void> {
  signal = AbortSignal.timeout(110_000);
  place = await mkdtemp(path.join(parent, 'berth-fifo-'));
  await chmod(place, 0o755);
  given = path.join(place, 'mia/f');
  await mkdir(path.dirname(given));
  await writeFile(given, 'hers', { mode: 0o640 });
  execFileSync('mkfifo', [path.join(place, 'mia/fifo')]);
  for (const each of [path.dirname(given), given, path.join(place, 'mia/fifo')]) await chown(each, mia.uid, mia.gid);
  for (const log of ['log', 'console']) await writeFile(path.join(place, log), '', { mode: 0o600 });
}

afterEach(async () => {
  await rm(place, { recursive: true });
});

const grant = async (): Promise<FileAccess> => await givenFile({ path: given, mode: 'rw', giver: root }, signal);
const prepared = async (file: FileAccess, script: string): Promise<ProcessSpec> =>
  await readerOf(file, script, { place, signal });

async function launched(machineSpec: ProcessSpec): Promise<HeldProcess> {
  const child = await runner.spawnHeld(machineSpec, path.join(place, 'log'));
  child.letGo();
  return child;
}

const said = async (): Promise<string> => await readFile(path.join(place, 'log'), 'utf8');

async function putFifo(): Promise<void> {
  await rename(given, path.join(place, 'mia/kept'));
  await rename(path.join(place, 'mia/fifo'), given);
}

async function soon<Value>(work: Promise<Value>): Promise<Value | 'waits'> {
  return await Promise.race([work, delay(patienceMs, 'waits' as const, { ref: false })]);
}

describe('a FIFO in the place of a file that root gave', () => {
  beforeEach(async () => {
    await makePlace('/var/tmp');
  });

  it('holds no start', async () => {
    const machineSpec = await prepared(await grant(), 'cat "$1"');
    await putFifo();
    const child = await launched(machineSpec);
    try {
      expect(await soon(child.exited)).not.toBe('waits');
      expect(await said()).toMatch(/may not open it any more/);
    } finally {
      await child.stop();
    }
  });

  it('holds no machine that runs', async () => {
    const file = await grant();
    const child = await launched(await prepared({ ...file, mode: 'r' }, 'echo begun; exec sleep 100'));
    try {
      while (!(await said()).includes('begun')) await delay(20);
      await putFifo();
      expect(
        await soon(changeWritten(runner, { pid: child.ref.pid, own: [], given: [file], assetsDirectory }, signal)),
      ).toBeUndefined();
    } finally {
      await child.stop();
    }
  });
});

describe('a FIFO that comes and goes', () => {
  let racer: ChildProcess;
  let told: string;

  beforeEach(async () => {
    await makePlace('/var/tmp');
    racer = spawn('perl', ['-e', racing, path.dirname(given)], { stdio: ['ignore', 'pipe', 'inherit'] });
    told = '';
    racer.stdout?.on('data', (text: Buffer) => {
      told += text.toString();
    });
    if (racer.stdout) await once(racer.stdout, 'data');
  });
  afterEach(async () => {
    racer.kill('SIGKILL');
    await once(racer, 'exit');
  });

  it("is never opened when root's file is looked at", async () => {
    for (const until = performance.now() + raceMs; performance.now() < until && !told.includes('reached');) {
      await resolveGrant({ path: given, mode: 'r' }, root, {
        runner,
        assetsDirectory,
        ownDirectories: [],
        signal,
      }).catch((error: { code?: string }) => expect(error.code).toBe('grant.denied'));
    }
    expect(told.slice(0, 20)).toBe('begun\n');
  }, 120_000);

  it('is never opened when its access list is changed', async () => {
    const options = { giver: root, machine, runner, signal };
    await openFor(given, 'r', options).catch((error: { code?: string }) => expect(error.code).toBe('grant.denied'));
    for (const until = performance.now() + raceMs; performance.now() < until && !told.includes('reached');) {
      // whichever it is: there is something to take away
      spawnSync('setfacl', ['--modify', `u:${machine.uid}:r`, '--', given, path.join(path.dirname(given), 'kept')]);
      await closeFor(given, [], options);
    }
    expect(told.slice(0, 20)).toBe('begun\n');
  }, 120_000);
});
