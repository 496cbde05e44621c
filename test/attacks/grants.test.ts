// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessMode } from '#contract/security.ts';
import { givenFiles } from '../../native-helper/confinement/grants/given-files.ts';
import type { FileAccess } from '../../native-helper/confinement/machine-access.ts';
import { changeWritten } from '../../native-helper/confinement/running-machine.ts';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import type { ProcessSpec } from '../../native-helper/core/seams/processes.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { givenFile, readerOf } from '../support/reader-of-given.ts';
import { spec } from '../unit/hypervisor/spec.ts';

/**
 * A user gives a file of hers to her machine and has its path lead to another user's a moment later. A program that
 * reads or writes the path stands in QEMU's place, behind the real launcher.
 */
const mia = { uid: 4000, gid: 4000, pid: 1 };
const max = { uid: 4001, gid: 4001 };
const runner = new LocalProcessRunner();
const signal = AbortSignal.timeout(110_000);
const raceRounds = 4;
let place: string;
let given: string;

/** Exchanges the folder for a link to the other user's, over and over, as the user herself. */
const racing = `use POSIX; $) = "4000 4000"; $( = 4000; POSIX::setuid(4000); chdir $ARGV[0] or die; $| = 1; print "begun\\n";
while (1) { rename "d", "k"; symlink $ARGV[1], "d"; select undef, undef, undef, 0.01; unlink "d"; rename "k", "d"; select undef, undef, undef, 0.01 }`;

async function makePlaces(parent: string): Promise<void> {
  place = await mkdtemp(path.join(parent, 'berth-given-'));
  await chmod(place, 0o755);
  for (const [name, owner, text, mode] of [
    ['mia/d', mia, 'hers', 0o755],
    ['max', max, 'his', 0o700],
  ] as const) {
    await mkdir(path.join(place, name), { recursive: true });
    await writeFile(path.join(place, name, 'f'), text);
    await chmod(path.join(place, name, 'f'), 0o666); // what keeps others out is the folder
    for (const each of [path.join(place, name), path.dirname(path.join(place, name)), path.join(place, name, 'f')])
      if (each !== place) await chown(each, owner.uid, owner.gid);
    await chmod(path.join(place, name), mode);
  }
  given = path.join(place, 'mia/d/f');
  for (const log of ['log', 'console']) await writeFile(path.join(place, log), '', { mode: 0o600 });
}

afterEach(async () => {
  await rm(place, { recursive: true });
});

const grant = async (mode: AccessMode): Promise<FileAccess> =>
  await givenFile({ path: given, mode, giver: mia }, signal);
const prepared = async (file: FileAccess, script: string): Promise<ProcessSpec> =>
  await readerOf(file, script, { place, signal });

/** What it printed, and what the launcher said where it did not come to that. */
async function outcome(machine: ProcessSpec): Promise<string> {
  const log = path.join(place, 'log');
  await writeFile(log, '');
  const child = await runner.spawnHeld(machine, log);
  child.letGo();
  await child.exited;
  const said = await readFile(log, 'utf8');
  expect(said).not.toContain('took note'); // it was let go
  return said;
}

/** As the owner of the folder. */
async function swap(target: string): Promise<void> {
  await rename(path.join(place, 'mia/d'), path.join(place, 'mia/k'));
  await symlink(target, path.join(place, 'mia/d'));
}

describe('where machines have places of their own', () => {
  beforeEach(async () => {
    await makePlaces('/tmp');
  });

  it('what is given is seen, and by read-only no more', async () => {
    expect(await outcome(await prepared(await grant('r'), 'cat "$1"; echo x >> "$1"'))).toMatch(
      /^hers[^]*Read-only file system/,
    );
    expect(await outcome(await prepared(await grant('rw'), 'echo x >> "$1"; cat "$1"'))).toBe('hersx\n');
  });

  it('a link put there after the last look shows nothing', async () => {
    const machine = await prepared(await grant('r'), 'cat "$1"');
    await swap(path.join(place, 'max'));
    expect(await outcome(machine)).toMatch(/may not open it any more/);
  });

  it('links put there all the time show nothing', async () => {
    const file = await grant('r');
    const racer = spawn('perl', ['-e', racing, path.join(place, 'mia'), path.join(place, 'max')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(racer.stdout, 'data');
    try {
      for (let round = 0; round < raceRounds; round += 1) {
        const machine = await prepared(file, 'cat "$1"').catch((error: { code?: string }) => error.code);
        expect(machine === undefined || typeof machine === 'string' ? String(machine) : await outcome(machine)).toMatch(
          /^(?!his)(?:hers$|grant\.source-changed$|[^]*machine-launch|.*No such file)/,
        );
      }
    } finally {
      racer.kill('SIGKILL');
      await once(racer, 'exit');
    }
  });

  it('another file by that name is refused in words before a machine starts; one that is gone is passed over', async () => {
    const file = await grant('r');
    const look = (): Promise<FileAccess[]> => givenFiles(spec.instance, [file], { runner, assetsDirectory, signal });
    expect(await look()).toEqual([file]);
    await unlink(given);
    expect(await look()).toEqual([]);
    await writeFile(given, 'another', { mode: 0o644 });
    await expect(look()).rejects.toMatchObject({
      code: 'grant.source-changed',
      params: { path: given, reason: 'another file is there' },
    });
    await swap(path.join(place, 'max'));
    await expect(look()).rejects.toMatchObject({
      code: 'grant.source-changed',
      params: { reason: 'Permission denied' },
    });
  });
});

describe('elsewhere', () => {
  beforeEach(async () => {
    await makePlaces('/var/tmp');
  });

  it('what is given to be written is, and nothing beside it', async () => {
    expect(await outcome(await prepared(await grant('rw'), 'echo x >> "$1"; cat "$1"; : > "$1.new"'))).toMatch(
      /^hersx\n[^]*Read-only file system/,
    );
  });

  it('a link makes nothing else of this computer writable, nor covers it', async () => {
    const machine = await prepared(await grant('rw'), 'cat "$1"');
    await swap(path.join(place, 'max'));
    expect(await outcome(machine)).toMatch(/may not open it any more/);
  });
});

describe('a machine that runs', () => {
  beforeEach(async () => {
    await makePlaces('/var/tmp');
  });

  it('gets what is given to be written meanwhile, once, and what a link leads to never', async () => {
    const file = await grant('rw');
    const log = path.join(place, 'log');
    const child = await runner.spawnHeld(await prepared({ ...file, mode: 'r' }, 'echo begun; exec sleep 100'), log);
    child.letGo();
    try {
      while (!(await readFile(log, 'utf8')).includes('begun')) await delay(20);
      const change = async (...given: FileAccess[]): Promise<void> => {
        await changeWritten(runner, { pid: child.ref.pid, own: [], given, assetsDirectory }, signal);
      };
      const places = async (): Promise<string[]> =>
        (await readFile(`/proc/${child.ref.pid}/mountinfo`, 'utf8'))
          .split('\n')
          .filter((line) => line.includes(path.join(place, 'mia')) || line.includes(path.join(place, 'max')))
          .map((line) => line.split(' ').slice(4, 6).join(' '));
      await change(file);
      expect(await places()).toEqual([`${given} rw,nosuid,nodev,relatime`]);
      await change();
      await change(file);
      await change();
      expect(await places()).toEqual([`${given} ro,nosuid,nodev,relatime`]);
      await unlink(given);
      await swap(path.join(place, 'max'));
      await change(file);
      expect((await places()).filter((line) => line.includes(' rw,') || line.includes('max'))).toEqual([]);
    } finally {
      await child.stop();
    }
  });
});
